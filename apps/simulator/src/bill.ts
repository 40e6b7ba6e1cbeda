import type { ProviderName, Usage } from '@ai-core/core';
import { type BillFile, openBillFile } from './bill-file.ts';

/** One charged call. Prices are not ours to know: a line holds what is needed to compute the cost again. */
export interface BillLine {
  /** 1, 2, 3 ... over the life of the bill. */
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly provider: ProviderName;
  /** The model that did the work, which the price belongs to. */
  readonly model: string;
  /** Which wire format the call came by, for example `openai-chat`. */
  readonly wire: string;
  /** What the client sent as its own id of the call; null when it sent none. */
  readonly attemptId: string | null;
  readonly requestId: string;
  /** SHA-256 of the prompt or of the text to speak, lower-case hex. The prompt itself is never kept here. */
  readonly promptSha256: string;
  /** What was consumed, in the shape of core, whatever the answer told the client. */
  readonly usage: Usage;
  /** The fault the call suffered, if any. */
  readonly fault: string | null;
}

export interface Bill {
  /** Writes a line; settled when it is on disk, if the bill has a file. */
  charge(line: Omit<BillLine, 'seq' | 'at'>): Promise<BillLine>;
  /** Lines with a seq above `since`. */
  lines(since?: number): readonly BillLine[];
  close(): Promise<void>;
}

/**
 * Opens a bill. With a file, every line is flushed to disk before the answer it belongs to is sent, and a bill that was
 * there before goes on: nothing that a client could have seen is lost by a kill or a power cut.
 * @param file path of a file with one JSON line per charged call; absent = memory only
 */
export async function openBill(file?: string): Promise<Bill> {
  const opened: BillFile | undefined = file === undefined ? undefined : await openBillFile(file);
  const lines: BillLine[] = opened ? [...opened.earlier] : [];
  return {
    async charge(line) {
      const charged: BillLine = { seq: (lines.at(-1)?.seq ?? 0) + 1, at: new Date().toISOString(), ...line };
      lines.push(charged);
      await opened?.append(JSON.stringify(charged));
      return charged;
    },
    lines: (since = 0) => lines.slice(since),
    close: async () => opened?.close(),
  };
}
