import { createBatcher, type AGAIN } from './batcher.ts';
import type { Database, Statement } from './database.ts';
import { isUnavailable } from './store-error.ts';

/** What a row knows of its MP3. */
export interface RememberedAudio {
  /** Key of the object. */
  readonly file: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly sha256: string;
  /** When the object was last known to be there. */
  readonly seenAt: Date;
}

/** One remembered answer as a request meets it. */
export interface Memory {
  readonly id: string;
  readonly kind: 'text' | 'audio';
  readonly requestType: string;
  readonly text: string | null;
  readonly audio: RememberedAudio | null;
  readonly provider: string;
  readonly model: string;
  readonly tokensUsed: number;
  readonly outputTokens: number;
  readonly costNanoUsd: bigint | null;
  /** What it saves whoever gets it: its cost, or what it would have cost, not in a batch, with the model that would else have answered. */
  readonly savesNanoUsd: bigint;
  readonly latencyMs: number;
  readonly ignoredOptions: readonly string[];
  readonly createdAt: Date;
  /** It has expired and is given out for a while yet, while a new answer is bought behind it. */
  readonly isStale: boolean;
}

export interface MemoryKey {
  readonly promptHash: string;
  readonly scope: string;
  readonly simulated: boolean;
  /** Older answers do not count; null = any age. */
  readonly maxAgeS: number | null;
}

export interface MemoryHit {
  readonly memory: Memory;
  /** The database's time of the look: the time of the usage row. */
  readonly at: Date;
}

interface Row {
  n: number;
  id: string;
  kind: 'text' | 'audio';
  request_type: string;
  generated_text: string | null;
  generated_audio_file: string | null;
  audio_bytes: bigint | null;
  audio_seconds: number | null;
  audio_sha256: string | null;
  audio_seen_at: Date | null;
  provider: string;
  model: string;
  tokens_used: number;
  output_tokens: number;
  cost_nano_usd: bigint | null;
  saves: bigint;
  latency_ms: number;
  ignored_options: string[];
  created_at: Date;
  is_stale: boolean;
  at: Date;
}

const COLUMNS = `m.id, m.kind, m.request_type, m.generated_text, m.generated_audio_file, m.audio_bytes, m.audio_seconds, m.audio_sha256, m.audio_seen_at,
  m.provider, m.model, m.tokens_used, m.output_tokens, m.cost_nano_usd,
  case when m.cost_nano_usd is null then 0 else coalesce(m.counterfactual_nano_usd, m.realtime_nano_usd, m.cost_nano_usd) end as saves,
  m.latency_ms, m.ignored_options, m.created_at,
  coalesce(m.expires_at <= clock_timestamp(), false) as is_stale, clock_timestamp() as at`;

const FIND_ONE: Statement = {
  name: 'memory_find_one',
  text: `select 0 as n, ${COLUMNS} from ai_memory m
    where m.prompt_hash = $1 and m.scope = $2 and m.simulated = $3 and m.is_current
      and (m.expires_at is null or m.expires_at > clock_timestamp() or m.serve_until > clock_timestamp())
      and ($4::double precision is null or m.created_at > clock_timestamp() - make_interval(secs => $4))`,
};

// The lateral sub-select with its limit forces one index look-up per key, whatever the statistics say.
const FIND_MANY: Statement = {
  name: 'memory_find_many',
  text: `select x.n::integer - 1 as n, m.* from unnest($1::text[], $2::text[], $3::boolean[], $4::double precision[]) with ordinality
      as x (prompt_hash, scope, simulated, max_age_s, n)
    cross join lateral (
      select ${COLUMNS} from ai_memory m
      where m.prompt_hash = x.prompt_hash and m.scope = x.scope and m.simulated = x.simulated and m.is_current
        and (m.expires_at is null or m.expires_at > clock_timestamp() or m.serve_until > clock_timestamp())
        and (x.max_age_s is null or m.created_at > clock_timestamp() - make_interval(secs => x.max_age_s))
      limit 1) m`,
};

const GET: Statement = {
  name: 'memory_get',
  text: `select 0 as n, ${COLUMNS} from ai_memory m where m.id = $1 and m.verdict <> 'rejected'`,
};

function toHit(row: Row): MemoryHit {
  return {
    at: row.at,
    memory: {
      id: row.id,
      kind: row.kind,
      requestType: row.request_type,
      text: row.generated_text,
      audio:
        row.generated_audio_file === null
          ? null
          : {
              file: row.generated_audio_file,
              bytes: Number(row.audio_bytes ?? 0n),
              seconds: row.audio_seconds ?? 0,
              sha256: row.audio_sha256 ?? '',
              seenAt: row.audio_seen_at ?? row.created_at,
            },
      provider: row.provider,
      model: row.model,
      tokensUsed: row.tokens_used,
      outputTokens: row.output_tokens,
      costNanoUsd: row.cost_nano_usd,
      savesNanoUsd: row.saves,
      latencyMs: row.latency_ms,
      ignoredOptions: row.ignored_options,
      createdAt: row.created_at,
      isStale: row.is_stale,
    },
  };
}

/**
 * Looks answers up by key: a plain prepared SELECT for one, one statement for all that ask at the same time.
 * @returns a function that resolves to the hit, or null on a miss
 */
export function createMemoryLookup(database: Database): (key: MemoryKey) => Promise<MemoryHit | null> {
  async function findOne(key: MemoryKey): Promise<MemoryHit | null> {
    const [row] = await database.query<Row>(FIND_ONE, [key.promptHash, key.scope, key.simulated, key.maxAgeS]);
    return row ? toHit(row) : null;
  }

  async function findMany(keys: readonly MemoryKey[]): Promise<(MemoryHit | null | typeof AGAIN)[]> {
    const only = keys[0];
    if (keys.length === 1 && only) return [await findOne(only)];
    const rows = await database.query<Row>(FIND_MANY, [
      keys.map((key) => key.promptHash),
      keys.map((key) => key.scope),
      keys.map((key) => key.simulated),
      keys.map((key) => key.maxAgeS),
    ]);
    const results: (MemoryHit | null)[] = keys.map(() => null);
    for (const row of rows) results[row.n] = toHit(row);
    return results;
  }

  return createBatcher<MemoryKey, MemoryHit | null>({ isShared: isUnavailable, runBatch: findMany, runAlone: findOne });
}

const SEEN: Statement = { name: 'memory_audio_seen', text: 'update ai_memory set audio_seen_at = clock_timestamp() where id = $1' };

/** Notes that the object of an answer is there. */
export async function noteAudioSeen(database: Database, id: string): Promise<void> {
  await database.query(SEEN, [id]);
}

/** Whoever set out to refresh an answer and did not get it done is followed by somebody else after this time. */
const REFRESH_PATIENCE = `interval '2 minutes'`;
const BEGIN_REFRESH: Statement = {
  name: 'memory_begin_refresh',
  text: `update ai_memory set refresh_begun_at = clock_timestamp()
    where id = $1 and is_current and (refresh_begun_at is null or refresh_begun_at < clock_timestamp() - ${REFRESH_PATIENCE}) returning id`,
};

/**
 * Takes on the refresh of a stale answer.
 * @returns false when another one of the fleet has it in hand, or a newer answer is there
 */
export async function beginRefresh(database: Database, id: string): Promise<boolean> {
  return (await database.query(BEGIN_REFRESH, [id])).length === 1;
}

const RETIRE: Statement = {
  name: 'memory_retire_audio',
  text: `update ai_memory set is_current = false, verdict = 'stale', updated_at = clock_timestamp() where id = $1 and is_current`,
};

/** The object of an answer is gone: the answer is no longer given out, so that the next request makes a new one. */
export async function retireAudio(database: Database, id: string): Promise<void> {
  await database.query(RETIRE, [id]);
}

/** @returns one memory row by id, current or not; null when there is none or it was rejected: that is never served again. */
export async function getMemory(database: Database, id: string): Promise<MemoryHit | null> {
  const [row] = await database.query<Row>(GET, [id]);
  return row ? toHit(row) : null;
}
