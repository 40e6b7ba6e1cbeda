import { open } from 'node:fs/promises';
import type { BillLine } from './bill.ts';

export interface BillFile {
  /** The lines that were in the file when it was opened. */
  readonly earlier: readonly BillLine[];
  /** Appends one line; settled when it is on disk. Lines that arrive together share one flush. */
  append(line: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens or creates a bill on disk. A last line that a power cut tore is cut off; it was never answered.
 * @param path one JSON line per charged call
 * @throws Error when the file cannot be opened, or when a line before the last is not JSON
 */
export async function openBillFile(path: string): Promise<BillFile> {
  const file = await open(path, 'a+');
  const text = await file.readFile('utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) await file.truncate(Buffer.byteLength(whole));
  const earlier = whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as BillLine);

  let waiting: { line: string; settle: () => void; fail: (error: unknown) => void }[] = [];
  let flushing: Promise<void> | undefined;

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      try {
        await file.appendFile(group.map((entry) => `${entry.line}\n`).join(''));
        await file.datasync();
        for (const entry of group) entry.settle();
      } catch (error) {
        for (const entry of group) entry.fail(error);
      }
    }
    flushing = undefined;
  }

  return {
    earlier,
    append: (line) =>
      new Promise<void>((settle, fail) => {
        waiting.push({ line, settle, fail });
        flushing ??= flush();
      }),
    async close() {
      await flushing;
      await file.close();
    },
  };
}
