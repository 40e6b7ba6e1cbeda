import type { WaitInput } from './request-input.ts';

/** How long a caller waits when it does not say, in milliseconds. */
export const DEFAULT_TIMEOUT_MS = 120_000;

/** A request that has been accepted: it will be answered whatever happens to this process. */
export interface RequestHandle<Answer> {
  /** Id of this request in the accounts. */
  readonly requestId: string;
  /** The job that works on it; null when memory had the answer. */
  readonly jobId: string | null;
  /** The remembered answer it was given; null when a job works on it. */
  readonly memoryId: string | null;
  /**
   * hit: answered from memory. joined: the same work was already in flight. created: new work. replayed: this very request was
   * accepted before under its idempotency key.
   */
  readonly outcome: 'hit' | 'joined' | 'created' | 'replayed';
  /**
   * Waits for the answer.
   * @throws RESULT_NOT_READY when it takes longer than `timeoutMs`, JOB_CANCELLED when the signal aborts, the job's error when it failed
   */
  result(wait?: WaitInput): Promise<Answer>;
  /** The personal data of this request, encrypted so that any process with the seal key can put it back; null = it has none. */
  seal(): Uint8Array | null;
}
