/**
 * The contract of providers' batch APIs: many texts of one model are handed over at once, at a lower price, and answered within a day.
 * What was measured of them: lines come back in any order, failed lines may come in a file of their own, and a batch that expires or
 * is cancelled keeps what it has finished.
 */
import type { ProviderFailure } from './failure.ts';
import type { CallTimeouts, TextCall, TextResult } from './provider.ts';

/** What of a text call a line of a batch holds. */
export type BatchedCall = Pick<TextCall, 'model' | 'prompt' | 'context' | 'options' | 'maxOutputTokens' | 'capabilities'>;

export interface BatchItem {
  /** Comes back with the line's answer; unique within a batch, at most 64 letters, digits, "_" and "-". */
  readonly customId: string;
  readonly call: BatchedCall;
}

/** What every call of a batch API needs. */
export interface BatchCall {
  readonly signal: AbortSignal;
  readonly timeouts: CallTimeouts;
}

export interface BatchOrder extends BatchCall {
  /** Our id of the batch; sent along where the vendor keeps such things. */
  readonly batchId: string;
  readonly model: string;
  /** At least one; all of them for `model`. */
  readonly items: readonly BatchItem[];
}

/** A batch as the vendor knows it. */
export interface KnownBatch extends BatchCall {
  readonly providerBatchId: string;
}

/** How a batch that has ended did end. failed: the vendor took none of its lines. */
export type BatchEnding = 'complete' | 'expired' | 'cancelled' | 'failed';

export interface BatchStatus {
  /** null = the vendor is still at it. */
  readonly ending: BatchEnding | null;
  /** The vendor's own word for the state. */
  readonly word: string;
}

/** What became of one line. */
export type BatchRow = { readonly customId: string } & (
  | { readonly outcome: 'answered'; readonly result: TextResult }
  /** The line was refused, or its answer is useless; `failure` knows whether it was charged. */
  | { readonly outcome: 'failed'; readonly failure: ProviderFailure }
  /** The batch ended before the line's turn; nothing was charged. */
  | { readonly outcome: 'unserved' }
);

/** A batch of the account, ours or not. */
export interface ListedBatch {
  readonly providerBatchId: string;
  /** Our id, where the vendor keeps it. */
  readonly batchId: string | null;
  readonly createdAt: Date;
  /** How many lines it has; null = the vendor does not tell. */
  readonly requests: number | null;
}

/** One vendor's batch API. One method, one errand; nothing is tried again. Every failure is a ProviderFailure. */
export interface BatchApi {
  /** Whether the vendor keeps our id of a batch; where it does not, only the custom ids of a batch that has ended tell whose it is. */
  readonly keepsOurId: boolean;
  /**
   * Hands a batch over.
   * @throws ProviderFailure whose `charged` is `no` only when it is certain that there is no such batch now
   */
  submit(order: BatchOrder): Promise<{ readonly providerBatchId: string }>;
  look(batch: KnownBatch): Promise<BatchStatus>;
  /**
   * Reads what became of the lines of a batch that has ended, in any order. Lines the vendor says nothing of are not in it.
   * @param items what was handed over: an answer is judged by what was asked
   */
  read(batch: KnownBatch, items: readonly BatchItem[]): Promise<readonly BatchRow[]>;
  /** Asks for the batch to be ended early; what is finished by then stays. */
  cancel(batch: KnownBatch): Promise<void>;
  /** The batches of the account that began at `since` or later, the newest first. */
  list(call: BatchCall & { readonly since: Date }): Promise<readonly ListedBatch[]>;
}
