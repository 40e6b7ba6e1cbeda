/** The usage log, row by row, newest first. */
import type { Database, Statement } from './database.ts';

/** One row of the usage log. Money as decimal strings of nano-USD. */
export interface UsageRow {
  readonly id: string;
  readonly at: string;
  readonly rowKind: 'request' | 'attempt' | 'correction';
  readonly jobId: string | null;
  readonly memoryId: string | null;
  readonly kind: string;
  readonly requestType: string;
  readonly endpoint: string;
  readonly userId: string;
  readonly caller: string;
  readonly provider: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly characters: number;
  /** null = unpriced. */
  readonly costNanoUsd: string | null;
  readonly savedNanoUsd: string;
  readonly latencyMs: number;
  readonly source: string;
  readonly success: boolean;
  readonly errorCode: string | null;
}

export interface UsageListQuestion {
  readonly simulated: boolean;
  readonly requestType?: string | undefined;
  readonly provider?: string | undefined;
  readonly source?: string | undefined;
  readonly userId?: string | undefined;
  readonly success?: boolean | undefined;
  /** Where the page before ended: its last row. */
  readonly after?: { readonly at: string; readonly id: string } | undefined;
  readonly limit?: number | undefined;
}

const ROW = `jsonb_build_object('id', u.id, 'at', u.at, 'rowKind', u.row_kind, 'jobId', u.job_id, 'memoryId', u.memory_id, 'kind', u.kind,
      'requestType', u.request_type, 'endpoint', u.endpoint, 'userId', u.user_id, 'caller', u.caller, 'provider', u.provider,
      'model', u.model, 'inputTokens', u.input_tokens, 'cachedTokens', u.cached_tokens, 'outputTokens', u.output_tokens,
      'characters', u.characters, 'costNanoUsd', u.cost_nano_usd::text, 'savedNanoUsd', u.saved_nano_usd::text,
      'latencyMs', u.latency_ms, 'source', u.source, 'success', u.success, 'errorCode', u.error_code)`;

/**
 * A type or provider is looked for only since the first day the daily tables have it, or since yesterday where they do not: who mistypes
 * one would else read the whole log.
 */
function listStatement(name: string, person: string): Statement {
  return {
    name,
    text: `select ${ROW} as row from ai_usage_log u
    where u.simulated = $1 and ($2::text is null or u.request_type = $2) and ($3::text is null or u.provider = $3)
      and ($4::text is null or u.source = $4) and ${person} and ($6::boolean is null or u.success = $6)
      and ($7::timestamptz is null or (u.at, u.id) < ($7::timestamptz, $8::uuid))
      and u.at >= (select case when $2::text is null and $3::text is null then '-infinity'::timestamptz else
        least(coalesce(min(d.day), 'infinity'), (now() at time zone 'UTC')::date - 1)::timestamp at time zone 'UTC' end
        from ai_daily_cost d where d.simulated = $1 and ($2::text is null or d.request_type = $2) and ($3::text is null or d.provider = $3))
    order by u.at desc, u.id desc limit $9`,
  };
}

const LIST = listStatement('usage_list', '$5::text is null');
/** A statement of its own, so that the index of people is taken whatever the plan was before. */
const LIST_OF_PERSON = listStatement('usage_list_person', `u.user_id = $5 and u.user_id <> ''`);

/** One page of the usage log. */
export async function listUsage(database: Database, question: UsageListQuestion): Promise<UsageRow[]> {
  const { simulated, requestType, provider, source, userId, success, after, limit = 50 } = question;
  const filters = [requestType, provider, source, userId, success, after?.at, after?.id].map((value) => value ?? null);
  const rows = await database.query<{ row: UsageRow }>(userId === undefined || userId === '' ? LIST : LIST_OF_PERSON, [
    simulated,
    ...filters,
    limit,
  ]);
  return rows.map(({ row }) => row);
}
