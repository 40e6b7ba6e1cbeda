import type { Placeholder } from '@ai-core/core';
import { createIncomingText, type Portion } from './incoming-text.ts';
import type { StreamRoom } from './stream-room.ts';
import type { ExplainedTextAnswer } from './text-answer.ts';

/** What a streamed request brings, in order; `sequence` counts from 0 without a gap. */
export type TextEvent =
  /** The next piece of the text. */
  | { readonly type: 'delta'; readonly sequence: number; readonly text: string }
  /** The text so far is void: the attempt it came from has failed. The job goes on and the text begins anew. */
  | { readonly type: 'reset'; readonly sequence: number }
  /** The last event: the whole answer with its receipt. Its text is what the pieces since the last reset make together. */
  | { readonly type: 'done'; readonly sequence: number; readonly answer: ExplainedTextAnswer };

export interface StreamedAnswer {
  readonly room: StreamRoom;
  /** The job whose text comes; null = the answer is there already. */
  readonly jobId: string | null;
  /** Personal data of this caller, put back where its placeholders stand. */
  readonly values: readonly Placeholder[];
  /**
   * Waits for the whole answer.
   * @param leave aborted when nobody listens any more: ends the wait, never the work
   */
  readonly result: (leave: AbortSignal) => Promise<ExplainedTextAnswer>;
}

/** A remembered answer comes in pieces of this many UTF-16 units. */
const REPLAYED_PIECE = 256;

/** Never between the halves of a surrogate pair. */
function* cutReplay(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    let end = Math.min(from + REPLAYED_PIECE, text.length);
    if (!text.slice(from, end).isWellFormed()) end += 1;
    yield text.slice(from, end);
    from = end;
  }
}

/**
 * Brings an answer piece by piece while it is made, then whole. Whoever stops listening, also in the middle of a wait, has not taken
 * the request back: the answer is remembered and accounted for all the same.
 * @throws what `result` throws, from next()
 */
export function streamAnswer(streamed: StreamedAnswer): AsyncIterableIterator<TextEvent> {
  const leave = new AbortController();
  const events = number(streamed.jobId === null ? replay(streamed, leave.signal) : follow(streamed, streamed.jobId, leave.signal));
  return {
    next: () => events.next(),
    return() {
      leave.abort();
      return events.return();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

type Event = Portion | { readonly type: 'done'; readonly answer: ExplainedTextAnswer };

async function* number(events: AsyncIterable<Event>): AsyncGenerator<TextEvent, void, undefined> {
  let sequence = 0;
  for await (const event of events) yield { ...event, sequence: sequence++ };
}

async function* replay({ result }: StreamedAnswer, leave: AbortSignal): AsyncGenerator<Event, void, undefined> {
  const answer = await result(leave);
  for (const text of cutReplay(answer.text)) yield { type: 'delta', text };
  yield { type: 'done', answer };
}

async function* follow(
  { room, values, result }: StreamedAnswer,
  jobId: string,
  leave: AbortSignal,
): AsyncGenerator<Event, void, undefined> {
  let changed = Promise.withResolvers<void>();
  const left = new Promise<void>((resolve) => leave.addEventListener('abort', () => resolve(), { once: true }));
  const incoming = createIncomingText(values, (from) => room.ask(jobId, from));
  const stopWatching = room.watch(jobId, {
    onMessage(message) {
      incoming.take(message);
      changed.resolve();
    },
    // For whoever comes late, or missed a piece while the connection was away.
    onReady: () => room.ask(jobId, incoming.received()),
  });
  let answer: ExplainedTextAnswer | undefined;
  const whole = result(leave).then((found) => {
    answer = found;
  });
  // It may fail while the listener is busy with what came before; the next wait then throws it.
  whole.catch(() => undefined);
  try {
    for (;;) {
      const portion = incoming.next();
      if (portion !== undefined) yield portion;
      else if (answer !== undefined) break;
      else await Promise.race([left, changed.promise, whole]);
      if (leave.aborted) return;
      changed = Promise.withResolvers<void>();
    }
    yield* incoming.finish(answer.text);
    yield { type: 'done', answer };
  } finally {
    stopWatching();
  }
}
