import type { Database, Statement } from './database.ts';

/** One request of a caller for a job. */
export interface CallerRequest {
  readonly requestId: string;
  readonly sealedValues: Uint8Array | null;
  /** Requests of this caller for this job. */
  readonly requests: number;
  /** True when at least one of them has personal data of its own. */
  readonly anySealed: boolean;
}

interface Row {
  id: string;
  sealed_values: Buffer | null;
  requests: bigint;
  any_sealed: boolean;
}

const FIND: Statement = {
  name: 'caller_request_find',
  text: `select c.id, c.sealed_values, count(*) over () as requests, bool_or(c.sealed_values is not null) over () as any_sealed
    from ai_job_caller c where c.job_id = $1 and c.caller = $2 and ($3::uuid is null or c.id = $3)
    order by c.cancelled_at is not null, c.requested_at desc, c.id desc limit 1`,
};

/**
 * Finds a caller's own request for a job: the one named, otherwise its latest.
 * @param requestId null = any
 * @returns null when this caller has no such request; whether the job exists is nobody else's business
 */
export async function findCallerRequest(
  database: Database,
  { jobId, caller, requestId }: { readonly jobId: string; readonly caller: string; readonly requestId: string | null },
): Promise<CallerRequest | null> {
  const [row] = await database.query<Row>(FIND, [jobId, caller, requestId]);
  if (row === undefined) return null;
  return { requestId: row.id, sealedValues: row.sealed_values, requests: Number(row.requests), anySealed: row.any_sealed };
}
