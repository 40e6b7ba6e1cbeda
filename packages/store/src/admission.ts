import { AiCoreError } from '@ai-core/core';
import type { CacheMode, Candidate, Dispatch, JobRequest, Kind, Lane, SelectionMode } from '@ai-core/core';
import { v7 as uuidv7 } from 'uuid';
import { AGAIN, createBatcher } from './batcher.ts';
import type { Database, Statement } from './database.ts';
import { isUnavailable } from './store-error.ts';

/** One caller's request, ready to be admitted. */
export interface AdmissionRequest {
  /** Id of the request, of its caller row and of its usage row. Repeating an admission with the same id changes nothing. */
  readonly requestId: string;
  readonly promptHash: string;
  readonly scope: string;
  readonly simulated: boolean;
  /** False: never joined, never remembered (cache mode `bypass`). */
  readonly shared: boolean;
  readonly kind: Kind;
  readonly requestType: string;
  readonly request: JobRequest;
  /** The fallback chain, best first; at least one. */
  readonly candidates: readonly Candidate[];
  readonly selectionMode: SelectionMode;
  readonly cacheMode: CacheMode;
  readonly maxAgeS: number | null;
  readonly lane: Lane;
  readonly priority: number;
  readonly deadlineMs: number | null;
  readonly expiresAfterDays: number | null;
  readonly userId: string;
  readonly caller: string;
  /** Category of the user, whose budgets count; '' = none. */
  readonly userCategory: string;
  readonly endpoint: string;
  /** The inbox that hears when the job is finished; null = nobody waits. */
  readonly replyTo: string | null;
  /** Personal data taken out of the request, sealed for this caller. */
  readonly sealedValues: Uint8Array | null;
  /** How many undelivered jobs of one caller a queue may hold; the rest wait in the ledger. */
  readonly dispatchWindow: number;
}

export type Admission = { readonly at: Date } & (
  | { readonly outcome: 'hit'; readonly memoryId: string }
  | { readonly outcome: 'failed'; readonly jobId: string; readonly errorCode: string; readonly errorMessage: string }
  /** A budget is used up: the sentence names it. */
  | { readonly outcome: 'refused'; readonly message: string }
  /** promote: the job is queued behind where this caller's priority or lane would put it; see promoteJob(). */
  | { readonly outcome: 'joined'; readonly jobId: string; readonly promote: boolean }
  /** dispatch is null when the caller's window is full: the ledger keeps the job and a claim dispatches it. */
  | { readonly outcome: 'created'; readonly jobId: string; readonly dispatch: Dispatch | null }
);

interface Row {
  out_n: number;
  out_outcome: 'hit' | 'failed' | 'refused' | 'joined' | 'created' | 'again';
  out_job: string | null;
  out_generation: bigint | null;
  out_dispatched: boolean;
  out_memory: string | null;
  out_at: Date;
  out_error_code: string | null;
  out_error_message: string | null;
  /** Of a joined job: this caller is in more of a hurry. Of a created one: it stands behind the work of others. */
  out_promote: boolean | null;
}

const ADMIT: Statement = { name: 'admit', text: 'select * from ai_admit($1::jsonb, $2)' };

function toJson(request: AdmissionRequest, n: number): object {
  const first = request.candidates[0];
  return {
    n,
    request_id: request.requestId,
    job_id: uuidv7(),
    prompt_hash: request.promptHash,
    scope: request.scope,
    simulated: request.simulated,
    shared: request.shared,
    kind: request.kind,
    request_type: request.requestType,
    request: request.request,
    candidates: request.candidates,
    provider: first?.provider,
    model: first?.model,
    queue: first?.queue,
    selection_mode: request.selectionMode,
    cache_mode: request.cacheMode,
    max_age_s: request.maxAgeS,
    lane: request.lane,
    priority: request.priority,
    deadline_ms: request.deadlineMs,
    expires_after_days: request.expiresAfterDays,
    user_id: request.userId,
    caller: request.caller,
    user_category: request.userCategory,
    endpoint: request.endpoint,
    reply_to: request.replyTo,
    sealed_values: request.sealedValues === null ? null : Buffer.from(request.sealedValues).toString('base64'),
    dispatch_window: request.dispatchWindow,
  };
}

function toAdmission(request: AdmissionRequest, row: Row): Admission | typeof AGAIN {
  const at = row.out_at;
  switch (row.out_outcome) {
    case 'hit':
      return { outcome: 'hit', at, memoryId: row.out_memory ?? '' };
    case 'failed':
      return {
        outcome: 'failed',
        at,
        jobId: row.out_job ?? '',
        errorCode: row.out_error_code ?? 'INTERNAL',
        errorMessage: row.out_error_message ?? '',
      };
    case 'refused':
      return { outcome: 'refused', at, message: row.out_error_message ?? '' };
    case 'joined':
      return { outcome: 'joined', at, jobId: row.out_job ?? '', promote: row.out_promote ?? false };
    case 'created': {
      const jobId = row.out_job ?? '';
      const dispatch: Dispatch = {
        jobId,
        generation: String(row.out_generation),
        kind: request.kind,
        promptHash: request.promptHash,
        requestType: request.requestType,
        queue: request.candidates[0]?.queue ?? '',
        priority: 2 * (request.lane === 'batch' ? request.priority + 100 : request.priority) + (row.out_promote === true ? 1 : 0),
        delayMs: 0,
      };
      return { outcome: 'created', at, jobId, dispatch: row.out_dispatched ? dispatch : null };
    }
    case 'again':
      return AGAIN;
  }
}

/**
 * Admits requests: remembered, failed a moment ago, in flight, or new work. Concurrent calls share statements.
 * Every outcome but `hit` has written the caller's row (and `failed` and `refused` its usage row) when the promise resolves.
 * @returns a function that admits one request; it throws STORE_UNAVAILABLE when Postgres cannot be reached
 */
export function createAdmission(database: Database): (request: AdmissionRequest) => Promise<Admission> {
  async function admit(requests: readonly AdmissionRequest[], wait: boolean): Promise<(Admission | typeof AGAIN)[]> {
    const body = JSON.stringify(requests.map(toJson));
    const rows = await database.query<Row>(ADMIT, [body, wait]);
    const results: (Admission | typeof AGAIN)[] = requests.map(() => AGAIN);
    for (const row of rows) {
      const request = requests[row.out_n];
      if (request) results[row.out_n] = toAdmission(request, row);
    }
    return results;
  }

  return createBatcher<AdmissionRequest, Admission>({
    isShared: isUnavailable,
    runBatch: (requests) => admit(requests, false),
    async runAlone(request) {
      // Neither hit, created nor joined is expected when the other side commits in between: look again.
      for (let attempt = 0; attempt < 5; attempt++) {
        const [result] = await admit([request], true);
        if (result !== undefined && result !== AGAIN) return result;
      }
      throw new AiCoreError('STORE_UNAVAILABLE', 'admission did not settle after 5 looks at a busy key; it was not accepted', {
        retryAfterMs: 500,
      });
    },
  });
}

const PROMOTE: Statement = { name: 'promote', text: 'select ai_promote($1, $2, $3) as dispatch' };

/** Gives a queued job the better priority and lane of a caller who has joined it. @returns what to put into the queue, if anything */
export async function promoteJob(
  database: Database,
  jobId: string,
  wish: { readonly priority: number; readonly lane: Lane },
): Promise<Dispatch[]> {
  const rows = await database.query<{ dispatch: Dispatch }>(PROMOTE, [jobId, wish.priority, wish.lane]);
  return rows.map((row) => row.dispatch);
}

const STREAM: Statement = {
  name: 'stream_job',
  text: `update ai_job set request = jsonb_set(request, '{stream}', 'true'), updated_at = clock_timestamp()
    where id = $1 and state in ('queued', 'parked') and request -> 'stream' is distinct from 'true'::jsonb`,
};

/** Has a job whose call has not begun streamed, for a caller who has joined it and watches its text come. */
export async function streamJob(database: Database, jobId: string): Promise<void> {
  await database.query(STREAM, [jobId]);
}
