import { isBought, type AnswerSource, type ToolCall } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

/** Where a job stands, and its answer when it has one, as one caller sees it. */
export interface JobResult {
  readonly jobId: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'parked' | 'batched';
  readonly kind: 'text' | 'audio';
  readonly simulated: boolean;
  readonly provider: string;
  readonly model: string;
  readonly memoryId: string | null;
  readonly source: AnswerSource;
  readonly text: string | null;
  readonly toolCalls: readonly ToolCall[];
  readonly audio: { readonly file: string; readonly bytes: number; readonly seconds: number; readonly sha256: string } | null;
  readonly tokensUsed: number;
  readonly outputTokens: number;
  readonly costNanoUsd: bigint | null;
  readonly savedNanoUsd: bigint;
  readonly ignoredOptions: readonly string[];
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly cancelled: boolean;
  readonly sealedValues: Uint8Array | null;
}

interface Row {
  job_id: string;
  request_id: string | null;
  state: JobResult['state'];
  kind: 'text' | 'audio';
  simulated: boolean;
  provider: string;
  model: string;
  memory_id: string | null;
  source: 'provider' | 'batch' | 'memory' | null;
  is_payer: boolean;
  generated_text: string | null;
  tool_calls: ToolCall[] | null;
  audio: JobResult['audio'];
  tokens_used: number | null;
  output_tokens: number | null;
  /** By the payer. */
  paid: bigint | null;
  /** What it would cost to make the whole answer. */
  worth: bigint | null;
  /** What it would have cost, not in a batch, with the model that would else have answered. */
  counterfactual: bigint | null;
  ignored_options: string[] | null;
  error_code: string | null;
  error_message: string | null;
  cancelled: boolean;
  sealed_values: Buffer | null;
}

const RESULTS: Statement = {
  name: 'results',
  text: `select j.id as job_id, c.id as request_id, j.state, j.kind, j.simulated, coalesce(m.provider, a.provider, j.provider) as provider,
      coalesce(m.model, a.billed_model, a.model, j.model) as model, j.memory_id, j.source,
      c.id is not distinct from payer.id as is_payer,
      coalesce(m.generated_text, j.answer ->> 'text') as generated_text, j.answer -> 'tool_calls' as tool_calls,
      case when m.generated_audio_file is not null then jsonb_build_object('file', m.generated_audio_file, 'bytes', m.audio_bytes,
        'seconds', m.audio_seconds, 'sha256', m.audio_sha256) else j.answer -> 'audio' end as audio,
      coalesce(m.tokens_used, (j.answer ->> 'tokens_used')::integer) as tokens_used,
      coalesce(m.output_tokens, (a.usage ->> 'outputTokens')::integer) as output_tokens,
      coalesce(parts.cost, a.cost_nano_usd) as paid,
      coalesce(m.cost_nano_usd, (j.answer #>> '{parts,cost_nano_usd}')::bigint, a.cost_nano_usd) as worth,
      coalesce(m.counterfactual_nano_usd, m.realtime_nano_usd, a.counterfactual_nano_usd, a.realtime_nano_usd) as counterfactual,
      coalesce(m.ignored_options, array(select jsonb_array_elements_text(j.answer -> 'ignored_options'))) as ignored_options,
      j.error_code, j.error_message, c.cancelled_at is not null as cancelled, c.sealed_values
    from (select distinct unnest($1::uuid[]) as job_id) d
    join ai_job j on j.id = d.job_id
    left join ai_memory m on m.id = j.memory_id
    left join ai_attempt a on a.id = j.attempt_id
    left join lateral (
      select sum(p.cost_nano_usd)::bigint as cost from ai_attempt p
      where j.kind = 'audio' and p.job_id = j.id and p.part is not null and p.state in ('billed', 'late')
    ) parts on true
    left join lateral (
      select p.id from ai_job_caller p
      where j.finished_at is not null and p.job_id = j.id and p.cancelled_at is null
      order by p.id is not distinct from j.leader_id desc, p.requested_at, p.id limit 1
    ) payer on true
    join unnest($1::uuid[], $2::uuid[]) as x (job_id, request_id) on x.job_id = d.job_id
    left join ai_job_caller c on c.id = x.request_id and c.job_id = x.job_id`,
};

/** What it would have cost minus what was paid. Who pays for a speech in parts saves those that were remembered; everybody else saves all of it. */
function savedBy(source: AnswerSource, { kind, paid, worth, counterfactual }: Row): bigint {
  if (!isBought(source)) return worth === null ? 0n : (counterfactual ?? worth);
  if (counterfactual !== null && paid !== null) return counterfactual - paid;
  return kind === 'audio' && worth !== null && paid !== null && worth > paid ? worth - paid : 0n;
}

function toResult(row: Row): JobResult {
  const source: AnswerSource = row.source === 'memory' ? 'memory' : row.is_payer ? (row.source ?? 'provider') : 'in_flight';
  return {
    jobId: row.job_id,
    state: row.state,
    kind: row.kind,
    simulated: row.simulated,
    provider: row.provider,
    model: row.model,
    memoryId: row.memory_id,
    source,
    text: row.generated_text,
    toolCalls: row.tool_calls ?? [],
    audio: row.audio,
    tokensUsed: row.tokens_used ?? 0,
    outputTokens: row.output_tokens ?? 0,
    costNanoUsd: source === 'provider' || source === 'batch' ? row.paid : 0n,
    savedNanoUsd: savedBy(source, row),
    ignoredOptions: row.ignored_options ?? [],
    errorCode: row.error_code,
    errorMessage: row.error_message,
    cancelled: row.cancelled,
    sealedValues: row.sealed_values,
  };
}

/** Looks at jobs for the requests that wait for them. A job that is gone (kept for 7 days) is missing from the result. */
export async function findResults(
  database: Database,
  waiting: readonly { readonly jobId: string; readonly requestId: string }[],
): Promise<Map<string, JobResult>> {
  const rows = await database.query<Row>(RESULTS, [waiting.map((entry) => entry.jobId), waiting.map((entry) => entry.requestId)]);
  const byRequest = new Map<string, JobResult>();
  const byJob = new Map<string, Row>();
  for (const row of rows) {
    byJob.set(row.job_id, row);
    if (row.request_id !== null) byRequest.set(row.request_id, toResult(row));
  }
  const results = new Map<string, JobResult>();
  for (const entry of waiting) {
    const row = byJob.get(entry.jobId);
    const result = byRequest.get(entry.requestId) ?? (row ? toResult(row) : undefined);
    if (result) results.set(entry.requestId, result);
  }
  return results;
}
