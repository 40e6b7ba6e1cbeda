/** Remembered answers as the people see them who judge them. */
import type { Verdict } from './curation.ts';
import type { Database, Statement } from './database.ts';

export interface MemorySummary {
  readonly id: string;
  readonly kind: 'text' | 'audio';
  readonly requestType: string;
  readonly scope: string;
  readonly promptText: string;
  readonly provider: string;
  readonly model: string;
  /** Decimal string of nano-USD; null = unpriced. */
  readonly costNanoUsd: string | null;
  readonly verdict: Verdict;
  readonly isCurrent: boolean;
  /** Average of its users' ratings, 0 to 5; null = none. */
  readonly userRating: number | null;
  readonly ratingCount: number;
  readonly usageCount: number;
  readonly createdAt: string;
  readonly lastUsedAt: string | null;
  readonly expiresAt: string | null;
}

export interface MemoryDetail extends MemorySummary {
  readonly promptHash: string;
  readonly promptOptions: Readonly<Record<string, unknown>>;
  readonly text: string | null;
  readonly audio: { readonly file: string; readonly bytes: number; readonly seconds: number; readonly sha256: string } | null;
  readonly jobId: string | null;
  readonly verdictBy: string | null;
  readonly verdictAt: string | null;
  readonly verdictReason: string | null;
  /** Every answer to the same request, newest first, this one included. */
  readonly versions: readonly { readonly id: string; readonly verdict: Verdict; readonly isCurrent: boolean; readonly createdAt: string }[];
}

export interface MemoryQuestion {
  readonly simulated: boolean;
  readonly requestType?: string | undefined;
  readonly kind?: 'text' | 'audio' | undefined;
  readonly provider?: string | undefined;
  readonly verdict?: Verdict | undefined;
  /** Words of the prompt, upper or lower case. */
  readonly search?: string | undefined;
  /** True: words of the answer count too. */
  readonly inAnswers?: boolean | undefined;
  readonly model?: string | undefined;
  readonly scope?: string | undefined;
  /** Least and highest average rating; answers nobody has rated are left out. */
  readonly minRating?: number | undefined;
  readonly maxRating?: number | undefined;
  /** Least number of reuses. */
  readonly minUses?: number | undefined;
  /** Days since it was made, at most. */
  readonly newerThanDays?: number | undefined;
  /** Days since it was last used, or made, at least. */
  readonly unusedForDays?: number | undefined;
  /** True: also answers that are not served any more. */
  readonly allVersions?: boolean | undefined;
  /** Id of the last row of the page before. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
  /** Looks through so many answers at most, so that a word nobody wrote does not mean reading all of them; see findLookedThrough(). */
  readonly lookThrough?: number | undefined;
}

const SUMMARY = `'id', m.id, 'kind', m.kind, 'requestType', m.request_type, 'scope', m.scope, 'promptText', m.prompt_text,
  'provider', m.provider, 'model', m.model, 'costNanoUsd', m.cost_nano_usd::text, 'verdict', m.verdict, 'isCurrent', m.is_current,
  'userRating', m.user_rating, 'ratingCount', m.rating_count, 'usageCount', m.usage_count, 'createdAt', m.created_at,
  'lastUsedAt', m.last_used_at, 'expiresAt', m.expires_at`;

const LIST: Statement = {
  name: 'memory_list',
  text: `select jsonb_build_object(${SUMMARY}) as row from (
      select * from ai_memory w where w.simulated = $1 and ($7::boolean or w.is_current)
        and ($8::uuid is null or (w.created_at, w.id) < (select b.created_at, b.id from ai_memory b where b.id = $8))
      order by w.created_at desc, w.id desc limit $18) m
    where ($2::text is null or m.request_type = $2) and ($3::text is null or m.kind = $3)
      and ($4::text is null or m.provider = $4) and ($5::text is null or m.verdict = $5)
      and ($6::text is null or strpos(lower(m.prompt_text), lower($6)) > 0 or ($10::boolean and strpos(lower(m.generated_text), lower($6)) > 0))
      and ($11::text is null or m.model = $11) and ($12::text is null or m.scope = $12)
      and ($13::numeric is null or m.user_rating >= $13) and ($14::numeric is null or m.user_rating <= $14)
      and ($15::bigint is null or m.usage_count >= $15)
      and ($16::integer is null or m.created_at >= clock_timestamp() - make_interval(days => $16))
      and ($17::integer is null or coalesce(m.last_used_at, m.created_at) < clock_timestamp() - make_interval(days => $17))
    order by m.created_at desc, m.id desc limit $9`,
};

const SHOW: Statement = {
  name: 'memory_show',
  text: `select jsonb_build_object(${SUMMARY}) || jsonb_build_object('promptHash', m.prompt_hash, 'promptOptions', m.prompt_options,
      'text', m.generated_text,
      'audio', case when m.generated_audio_file is not null then jsonb_build_object('file', m.generated_audio_file,
        'bytes', m.audio_bytes, 'seconds', m.audio_seconds, 'sha256', m.audio_sha256) end,
      'jobId', m.job_id, 'verdictBy', m.verdict_by, 'verdictAt', m.verdict_at, 'verdictReason', m.verdict_reason,
      'versions', (select jsonb_agg(jsonb_build_object('id', v.id, 'verdict', v.verdict, 'isCurrent', v.is_current, 'createdAt', v.created_at)
        order by v.created_at desc, v.id desc) from ai_memory v
        where v.prompt_hash = m.prompt_hash and v.scope = m.scope and v.simulated = m.simulated)) as row
    from ai_memory m where m.id = $1`,
};

/** One page of remembered answers, newest first. Simulated and real ones are never in one list. */
export async function listMemory(database: Database, question: MemoryQuestion): Promise<MemorySummary[]> {
  const { simulated, requestType, kind, provider, verdict, search, allVersions = false, after, limit = 50 } = question;
  const filters = [requestType, kind, provider, verdict, search].map((value) => value ?? null);
  const { inAnswers = false, model, scope, minRating, maxRating, minUses, newerThanDays, unusedForDays } = question;
  const more = [model, scope, minRating, maxRating, minUses, newerThanDays, unusedForDays].map((value) => value ?? null);
  const rows = await database.query<{ row: MemorySummary }>(LIST, [
    simulated,
    ...filters,
    allVersions,
    after ?? null,
    limit,
    inAnswers,
    ...more,
    question.lookThrough ?? null,
  ]);
  return rows.map(({ row }) => row);
}

const LOOKED_THROUGH: Statement = {
  name: 'memory_looked_through',
  text: `select w.id from ai_memory w where w.simulated = $1 and ($2::boolean or w.is_current)
      and ($3::uuid is null or (w.created_at, w.id) < (select b.created_at, b.id from ai_memory b where b.id = $3))
    order by w.created_at desc, w.id desc offset $4 - 1 limit 1`,
};

/** @returns the last answer that a question with `lookThrough` looked at, to go on `after` it; null when it was the last there is */
export async function findLookedThrough(database: Database, question: MemoryQuestion): Promise<string | null> {
  const { simulated, allVersions = false, after, lookThrough } = question;
  if (lookThrough === undefined) return null;
  const [row] = await database.query<{ id: string }>(LOOKED_THROUGH, [simulated, allVersions, after ?? null, lookThrough]);
  return row?.id ?? null;
}

/** @returns one remembered answer, current or not, with all its versions; null when there is none */
export async function showMemory(database: Database, id: string): Promise<MemoryDetail | null> {
  const [row] = await database.query<{ row: MemoryDetail }>(SHOW, [id]);
  return row?.row ?? null;
}
