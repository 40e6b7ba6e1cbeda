import type { Database } from './database.ts';

/** One statement about the ledger that must always hold. */
export interface Invariant {
  readonly name: string;
  /** What it means when it does not hold. */
  readonly meaning: string;
  /** Counts what breaks it; 0 = it holds. */
  readonly text: string;
}

export interface InvariantResult {
  readonly name: string;
  readonly meaning: string;
  readonly broken: number;
}

/** Work that has just finished may still be on its way; these are given a few seconds. */
const SETTLED = `interval '10 seconds'`;

/**
 * The ledger's invariants. A broken one is a bug or damage from outside, never normal operation.
 * Differences of the daily tables are looked for by checkRollUp, which needs a snapshot of its own.
 */
export const INVARIANTS: readonly Invariant[] = [
  {
    name: 'money-attempts-equal-usage',
    meaning: 'the cost of an attempt and the sum of its usage rows differ',
    text: `select count(*) from ai_attempt a
      left join (select attempt_id, sum(cost_nano_usd) as cost from ai_usage_log where attempt_id is not null group by attempt_id) u on u.attempt_id = a.id
      where a.state in ('billed', 'late') and a.finished_at < clock_timestamp() - ${SETTLED}
        and a.started_at > clock_timestamp() - interval '12 months'
        and coalesce(a.cost_nano_usd, 0) <> coalesce(u.cost, 0)`,
  },
  {
    name: 'savings-have-one-reason',
    meaning: 'the parts of what a request saved do not add up to it',
    text: `select count(*) from ai_usage_log where saved_source is null
      and saved_nano_usd <> saved_batch_nano_usd + saved_cheaper_nano_usd + saved_own_nano_usd`,
  },
  {
    name: 'one-row-per-caller',
    meaning: 'a caller of a finished job has no usage row, or more than one',
    text: `select count(*) from ai_job_caller c join ai_job j on j.id = c.job_id
      where j.finished_at < clock_timestamp() - ${SETTLED}
        and (select count(*) from ai_usage_log u where u.id = c.id and u.row_kind = 'request') <> 1`,
  },
  {
    name: 'no-running-job-of-a-dead-worker',
    meaning: 'a job has been running in the hands of a dead worker for longer than two sweeps',
    text: `select count(*) from ai_job j join ai_worker w on w.id = j.worker_id
      where j.state = 'running' and w.dead_at < clock_timestamp() - interval '15 seconds'`,
  },
  {
    name: 'no-reserved-attempt-of-a-dead-worker',
    meaning: 'an attempt of a dead worker is still reserved',
    text: `select count(*) from ai_attempt a join ai_worker w on w.id = a.worker_id
      where a.state = 'reserved' and a.batch_id is null and w.dead_at < clock_timestamp() - interval '15 seconds'`,
  },
  {
    name: 'no-open-line-of-a-finished-batch',
    meaning: 'a batch has ended, and a job still waits for it or a call of it is still open',
    text: `select count(*) from ai_batch b join ai_batch_item i on i.batch_id = b.id
      left join ai_attempt a on a.id = i.attempt_id and a.state = 'reserved'
      left join ai_job j on j.id = i.job_id and j.state = 'batched' and j.batch_id = b.id
      where b.finished_at < clock_timestamp() - ${SETTLED} and (a.id is not null or j.id is not null)`,
  },
  {
    name: 'priced-or-listed',
    meaning: 'a usage row carries a cost without the price it was computed with',
    text: `select count(*) from ai_usage_log where cost_nano_usd > 0 and price_id is null and row_kind <> 'correction'`,
  },
  {
    name: 'budgets-equal-attempts',
    meaning: 'what a budget counts as spent or held differs from the attempts of its period',
    text: `select count(*) from ai_budget b
      where b.spent_nano_usd <> (select coalesce(sum(a.cost_nano_usd), 0) from ai_attempt a
          where b.id = any (a.budgets) and a.started_at >= b.period_start and a.state in ('billed', 'late'))
        or b.held_nano_usd <> (select coalesce(sum(h.amount_nano_usd), 0) from ai_budget_hold h
          where h.budget_id = b.id and h.period_start = b.period_start)`,
  },
  {
    name: 'holds-have-open-attempts',
    meaning: 'a budget holds money for a call that has ended',
    text: `select count(*) from ai_budget_hold h left join ai_attempt a on a.id = h.attempt_id
      where a.state is distinct from 'reserved' and a.state is distinct from 'unknown'`,
  },
  {
    name: 'one-current-memory-per-key',
    meaning: 'a finished job points to a memory row that does not exist',
    text: `select count(*) from ai_job j where j.memory_id is not null and not exists (select from ai_memory m where m.id = j.memory_id)`,
  },
  {
    name: 'one-result-per-key',
    meaning: 'a finished job has no answer',
    text: `select count(*) from ai_job j where j.state = 'done' and j.memory_id is null and j.answer is null`,
  },
];

/** Checks every invariant in turn. */
export async function checkInvariants(database: Database): Promise<InvariantResult[]> {
  const results: InvariantResult[] = [];
  for (const invariant of INVARIANTS) {
    const [row] = await database.query<{ count: bigint }>({ name: `invariant_${invariant.name}`, text: invariant.text });
    results.push({ name: invariant.name, meaning: invariant.meaning, broken: Number(row?.count ?? 0n) });
  }
  return results;
}
