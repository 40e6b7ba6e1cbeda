import { Readable } from 'node:stream';

/** An abort signal that fires when nothing has been heard for a while. */
export interface Deadline {
  readonly controller: AbortController;
  /** There was progress: the time starts anew. */
  renew(): void;
  clear(): void;
}

export function startDeadline(milliseconds: number): Deadline {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), milliseconds);
  return { controller, renew: () => timer.refresh(), clear: () => clearTimeout(timer) };
}

/** Runs one call and aborts it when it takes too long; what it returned may be read on afterwards. */
export async function within<T>(milliseconds: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = startDeadline(milliseconds);
  try {
    return await run(deadline.controller.signal);
  } finally {
    deadline.clear();
  }
}

async function* readInTime(body: Readable, milliseconds: number): AsyncGenerator<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = body[Symbol.asyncIterator]();
  for (;;) {
    // Only waiting for the store counts: a slow reader may take its time.
    const timer = setTimeout(() => body.destroy(new DOMException('No byte came in time.', 'TimeoutError')), milliseconds);
    const next = await chunks.next().finally(() => clearTimeout(timer));
    if (next.done) return;
    yield next.value;
  }
}

export interface BodyOptions {
  /** Longest wait for the next bytes. */
  readonly idleMs: number;
  readonly toError: (error: unknown) => Error;
}

/** The body of an answer as a stream that does not wait forever; it frees the connection however it ends. */
export function toStream(body: Readable, { idleMs, toError }: BodyOptions): Readable {
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      yield* readInTime(body, idleMs);
    } catch (error) {
      throw toError(error);
    }
  }
  const stream = Readable.from(read(), { objectMode: false });
  // Also when nobody ever began to read: then the generator would not clean up.
  stream.once('close', () => body.destroy());
  return stream;
}
