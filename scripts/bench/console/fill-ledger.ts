/** A ledger as it is after months of use, made by the database itself: nothing of it went through the pipeline. */
import type { Database } from '@ai-core/store';

export interface LedgerSize {
  readonly usageRows: number;
  readonly memories: number;
  readonly jobs: number;
}

const TYPES = `(array['quiz_generation', 'lesson_script', 'translation', 'grammar_check', 'chat', 'summary', 'title', 'feedback'])`;
const MODELS = `(array['openai/gpt-6-luna', 'gemini/gemini-3.8-flash', 'claude/claude-haiku-5-5', 'openai/gpt-6.1-terra', 'claude/claude-sonnet-5-5'])`;

const FIRST = `(date_trunc('month', now() at time zone 'UTC') - interval '1 month') at time zone 'UTC'`;
/**
 * Three of four requests are answered from memory; some fail; 5,000 people ask. Since the beginning of last month: that far back the
 * usage log of a new database has partitions.
 */
const USAGE = `insert into ai_usage_log (id, at, row_kind, simulated, kind, request_type, endpoint, user_id, caller, provider, model, input_tokens,
    output_tokens, cost_nano_usd, saved_nano_usd, saved_source, latency_ms, cache_hit, source, success, error_code)
  select gen_random_uuid(), now() - (n::float8 / $1) * (now() - ${FIRST}), 'request', false, 'text', ${TYPES}[1 + n % 8], '/v1/text',
    'user-' || (n::bigint * 7919 % 5000), 'backend-' || n % 3, split_part(m, '/', 1), split_part(m, '/', 2), 400, 120,
    case when n % 4 = 0 then 150000 + n % 1000 else 0 end, case when n % 4 = 0 then 0 else 150000 end, case when n % 4 <> 0 then 'memory' end,
    case when n % 4 = 0 then 900 + n % 3000 else 3 end, n % 4 <> 0, case when n % 4 = 0 then 'provider' else 'memory' end, n % 400 <> 0,
    case when n % 400 = 0 then 'PROVIDER_ERROR' end
  from generate_series($2::integer, $3::integer) n, lateral (select ${MODELS}[1 + n % 5] as m) x`;

const MEMORIES = `insert into ai_memory (id, prompt_hash, scope, simulated, kind, request_type, prompt_text, generated_text, provider, model,
    cost_nano_usd, verdict, use_for_training, created_at, usage_count)
  select gen_random_uuid(), md5(n::text) || md5(n::text), 'shared', false, 'text', ${TYPES}[1 + n % 8],
    'Question ' || n || ': ' || repeat('why do leaves change their colours in autumn, and what has light to do with it? ', 6),
    repeat('Because chlorophyll goes and other colours stay. ', 12), split_part(m, '/', 1), split_part(m, '/', 2), 150000,
    case when n % 50 = 0 then 'verified' when n % 77 = 0 then 'rejected' else 'none' end, n % 50 = 0, now() - n * interval '30 seconds', n % 90
  from generate_series(1, $1::integer) n, lateral (select ${MODELS}[1 + n % 5] as m) x`;

const JOBS = `insert into ai_job (id, prompt_hash, scope, simulated, shared, kind, request_type, request, candidates, provider, model, queue,
    selection_mode, cache_mode, caller, state, generation, attempts, error_code, created_at, finished_at)
  select gen_random_uuid(), md5(n::text) || md5(n::text), 'shared', false, true, 'text', ${TYPES}[1 + n % 8],
    jsonb_build_object('kind', 'text', 'prompt', 'Question ' || n), '[]', split_part(m, '/', 1), split_part(m, '/', 2), 'text-openai', 'auto',
    'use', 'backend', case when n % 400 = 0 then 'failed' else 'done' end, 1, 1, case when n % 400 = 0 then 'PROVIDER_ERROR' end,
    now() - n * interval '2 seconds', now() - n * interval '2 seconds' + interval '1 second'
  from generate_series(1, $1::integer) n, lateral (select ${MODELS}[1 + n % 5] as m) x`;

const CHUNK = 250_000;

/** Fills an empty ledger. The daily tables follow by the roll-up. */
export async function fillLedger({ pool }: Database, { usageRows, memories, jobs }: LedgerSize): Promise<void> {
  for (let from = 1; from <= usageRows; from += CHUNK) {
    await pool.query(USAGE, [usageRows, from, Math.min(usageRows, from + CHUNK - 1)]);
  }
  await pool.query(MEMORIES, [memories]);
  await pool.query(JOBS, [jobs]);
  await pool.query('vacuum analyze');
}
