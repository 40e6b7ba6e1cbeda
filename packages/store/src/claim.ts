import type { Candidate, Dispatch, JobRequest, Kind, SelectionMode } from '@ai-core/core';
import { v7 as uuidv7 } from 'uuid';
import { AGAIN, createBatcher } from './batcher.ts';
import type { Database, Statement } from './database.ts';
import { isUnavailable } from './store-error.ts';

/** A job a worker holds: nobody else may work on it while the fence stands. */
export interface ClaimedJob {
  readonly jobId: string;
  readonly fence: string;
  readonly attemptId: string;
  readonly startedAt: Date;
  /** performance.now() when the claim came back. */
  readonly claimedAtMs: number;
  readonly kind: Kind;
  readonly requestType: string;
  readonly request: JobRequest;
  readonly candidates: readonly Candidate[];
  /** Index of the candidate being tried. */
  readonly candidate: number;
  readonly provider: string;
  readonly model: string;
  readonly scope: string;
  readonly shared: boolean;
  readonly simulated: boolean;
  readonly selectionMode: SelectionMode;
  readonly promptHash: string;
  /** This one included. */
  readonly attempts: number;
  readonly candidateAttempts: number;
  /** How many workers died with this job in hand. */
  readonly crashCount: number;
  readonly deadline: Date | null;
}

export type Claim = { readonly next: readonly Dispatch[] } & (
  | { readonly outcome: 'claimed'; readonly job: ClaimedJob }
  /** Finished without a call: from memory, or because every deadline had passed. */
  | { readonly outcome: 'memory' | 'expired'; readonly jobId: string; readonly replyTo: readonly string[] }
  /** Not due yet. */
  | { readonly outcome: 'early'; readonly waitMs: number }
  /** The queue entry is stale. */
  | { readonly outcome: 'refused' }
  /** This worker was declared dead; it must register anew before it works again. */
  | { readonly outcome: 'dead' }
);

export interface ClaimRequest {
  readonly jobId: string;
  readonly generation: string;
}

interface Row {
  out_n: number;
  out_outcome: Claim['outcome'] | 'again';
  out_job: string;
  out_fence: bigint | null;
  out_started_at: Date;
  out_wait_ms: number;
  out_details: Record<string, unknown> | null;
  out_next: Dispatch[];
}

interface Details extends Omit<ClaimedJob, 'jobId' | 'fence' | 'attemptId' | 'startedAt' | 'claimedAtMs' | 'deadline'> {
  readonly deadline: number | null;
}

/**
 * What the ledger's clock says now, without asking: deadlines are by that clock, and this machine's may be days off.
 * @returns milliseconds since 1970
 */
export function ledgerTimeMs({ startedAt, claimedAtMs }: Pick<ClaimedJob, 'startedAt' | 'claimedAtMs'>): number {
  return startedAt.getTime() + (performance.now() - claimedAtMs);
}

const CLAIM: Statement = { name: 'claim', text: 'select * from ai_claim($1::jsonb, $2, $3)' };

function toClaim(row: Row, attemptId: string): Claim | typeof AGAIN {
  const next = row.out_next;
  switch (row.out_outcome) {
    case 'claimed': {
      const details = row.out_details as unknown as Details;
      const deadline = details.deadline === null ? null : new Date(details.deadline);
      return {
        outcome: 'claimed',
        next,
        job: {
          ...details,
          deadline,
          jobId: row.out_job,
          fence: String(row.out_fence),
          attemptId,
          startedAt: row.out_started_at,
          claimedAtMs: performance.now(),
        },
      };
    }
    case 'memory':
    case 'expired':
      return { outcome: row.out_outcome, next, jobId: row.out_job, replyTo: (row.out_details?.['replyTo'] as string[] | undefined) ?? [] };
    case 'early':
      return { outcome: 'early', next, waitMs: row.out_wait_ms };
    case 'refused':
    case 'dead':
      return { outcome: row.out_outcome, next };
    case 'again':
      return AGAIN;
  }
}

/**
 * Claims queued jobs for one worker; concurrent calls share statements.
 * @param workerId the worker's row in ai_worker, read anew for each claim because a worker may have to register again
 */
export function createClaims(database: Database, workerId: () => string): (request: ClaimRequest) => Promise<Claim> {
  async function claim(requests: readonly ClaimRequest[], wait: boolean): Promise<(Claim | typeof AGAIN)[]> {
    const attemptIds = requests.map(() => uuidv7());
    const body = JSON.stringify(
      requests.map((request, n) => ({ n, job_id: request.jobId, generation: request.generation, attempt_id: attemptIds[n] })),
    );
    const rows = await database.query<Row>(CLAIM, [body, workerId(), wait]);
    const results: (Claim | typeof AGAIN)[] = requests.map(() => AGAIN);
    for (const row of rows) results[row.out_n] = toClaim(row, attemptIds[row.out_n] ?? '');
    return results;
  }

  return createBatcher<ClaimRequest, Claim>({
    isShared: isUnavailable,
    runBatch: (requests) => claim(requests, false),
    async runAlone(request) {
      const [result] = await claim([request], true);
      return result === undefined || result === AGAIN ? { outcome: 'refused', next: [] } : result;
    },
  });
}
