import type { JobRequest } from '@ai-core/core';
import type { Database } from '@ai-core/store';

export interface JobRow {
  readonly id: string;
  readonly promptHash: string;
  readonly state: string;
  readonly source: string | null;
  readonly request: JobRequest;
  readonly crashCount: number;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

export interface AttemptRow {
  readonly id: string;
  readonly jobId: string;
  readonly workerId: string;
  readonly provider: string;
  readonly model: string;
  readonly state: 'reserved' | 'billed' | 'not_billed' | 'unknown' | 'late';
  readonly settledBy: string | null;
  readonly costNanoUsd: bigint | null;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
}

export interface MemoryRow {
  /** Also the id of the attempt that bought it. */
  readonly id: string;
  readonly promptHash: string;
  readonly prompt: string;
  /** The text; of speech the SHA-256 of its MP3. */
  readonly answer: string;
  readonly isCurrent: boolean;
  /** Null for texts. */
  readonly sound: { readonly file: string; readonly bytes: number } | null;
}

export interface WorkerRow {
  readonly id: string;
  readonly pid: number;
  readonly createdAt: Date;
}

/** What the ledger says after a run. */
export interface Ledger {
  readonly jobs: readonly JobRow[];
  readonly attempts: readonly AttemptRow[];
  readonly memories: readonly MemoryRow[];
  readonly workers: readonly WorkerRow[];
  /** How many request rows the usage log has under each id. */
  readonly requestRows: ReadonlyMap<string, number>;
}

/** Reads everything the checker needs. */
export async function readLedger(database: Database): Promise<Ledger> {
  const read = <Row extends object>(name: string, text: string): Promise<Row[]> => database.query<Row>({ name: `lab_${name}`, text });
  const requestRows = await read<{ id: string; count: bigint }>(
    'request_rows',
    `select id, count(*) as count from ai_usage_log where row_kind = 'request' group by id`,
  );
  return {
    jobs: await read<JobRow>(
      'jobs',
      `select id, prompt_hash as "promptHash", state, source, request, crash_count as "crashCount", error_code as "errorCode",
         error_message as "errorMessage" from ai_job`,
    ),
    attempts: await read<AttemptRow>(
      'attempts',
      `select id, job_id as "jobId", worker_id as "workerId", provider, model, state, settled_by as "settledBy",
         cost_nano_usd as "costNanoUsd", started_at as "startedAt", finished_at as "finishedAt" from ai_attempt order by started_at`,
    ),
    memories: await read<MemoryRow>(
      'memories',
      `select id, prompt_hash as "promptHash", prompt_text as prompt, coalesce(generated_text, audio_sha256) as answer,
         is_current as "isCurrent", case when generated_audio_file is not null then
           jsonb_build_object('file', generated_audio_file, 'bytes', audio_bytes) end as sound from ai_memory`,
    ),
    workers: await read<WorkerRow>('workers', `select id, pid, created_at as "createdAt" from ai_worker`),
    requestRows: new Map(requestRows.map((row) => [row.id, Number(row.count)])),
  };
}

/** The same money, counted in four places, in nano-dollars. */
export interface Sums {
  readonly ledger: bigint;
  readonly usageLog: bigint;
  readonly dailyCost: bigint;
  readonly dailyUserCost: bigint;
}

export async function readSums(database: Database): Promise<Sums> {
  const [sums] = await database.query<Sums>({
    name: 'lab_sums',
    text: `select
      (select coalesce(sum(cost_nano_usd), 0)::bigint from ai_attempt where state in ('billed', 'late')) as ledger,
      (select coalesce(sum(cost_nano_usd), 0)::bigint from ai_usage_log) as "usageLog",
      (select coalesce(sum(cost_nano_usd), 0)::bigint from ai_daily_cost) as "dailyCost",
      (select coalesce(sum(cost_nano_usd), 0)::bigint from ai_daily_user_cost) as "dailyUserCost"`,
  });
  if (sums === undefined) throw new Error('the sums could not be read');
  return sums;
}
