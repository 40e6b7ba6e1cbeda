/**
 * How a text travels while it is made: from the worker that gets it to every process whose callers watch it come. All of it are
 * hints; what gets lost on the way is in the finished answer.
 */
import type { Message } from './backend.ts';

/** Topic on which the text of one job comes. */
export function streamTopic(jobId: string): string {
  return `stream-${jobId}`;
}

/** Topic on which workers are asked for what was missed of a text; the text is one of formatQuestion(). */
export const STREAM_QUESTIONS_TOPIC = 'stream-questions';

export type StreamMessage =
  /**
   * A piece of the text. Its place is its sequence number: it tells what is new, what is known and what is missing.
   * `fence` is the attempt's, and grows with each.
   */
  | { readonly type: 'delta'; readonly fence: number; readonly from: number; readonly text: string }
  /** The attempt has failed: what came of it is void, and so is everything of earlier ones. */
  | { readonly type: 'reset'; readonly fence: number };

export interface StreamQuestion {
  readonly jobId: string;
  /** Place from which the text is wanted, in UTF-16 units. */
  readonly from: number;
}

/** UTF-8 takes at most three bytes for a UTF-16 unit, so no piece has more than 4 kB; NOTIFY takes 8,000. */
const LONGEST_PIECE = 1_365;

/** Never between the halves of a surrogate pair. */
function cut(text: string, from: number): number {
  const end = from + LONGEST_PIECE;
  if (end >= text.length) return text.length;
  const last = text.charCodeAt(end - 1);
  return last >= 0xd800 && last <= 0xdbff ? end - 1 : end;
}

/**
 * The messages that bring a part of a job's text.
 * @param fence the attempt's
 * @param part a stretch of the text without U+0000, and its place in UTF-16 units
 */
export function deltaMessages(jobId: string, fence: string, part: { readonly from: number; readonly text: string }): Message[] {
  const messages: Message[] = [];
  for (let start = 0; start < part.text.length;) {
    const end = cut(part.text, start);
    messages.push({ topic: streamTopic(jobId), text: `d ${fence} ${part.from + start} ${part.text.slice(start, end)}` });
    start = end;
  }
  return messages;
}

export function resetMessage(jobId: string, fence: string): Message {
  return { topic: streamTopic(jobId), text: `r ${fence}` };
}

/** @returns undefined for what this version does not understand */
export function parseStreamMessage(message: string): StreamMessage | undefined {
  const delta = /^d (\d+) (\d+) ([^]+)$/.exec(message);
  if (delta !== null) return { type: 'delta', fence: Number(delta[1]), from: Number(delta[2]), text: delta[3] ?? '' };
  const reset = /^r (\d+)$/.exec(message);
  return reset === null ? undefined : { type: 'reset', fence: Number(reset[1]) };
}

export function questionMessage({ jobId, from }: StreamQuestion): Message {
  return { topic: STREAM_QUESTIONS_TOPIC, text: `${jobId} ${from}` };
}

/** @returns undefined for what this version does not understand */
export function parseStreamQuestion(message: string): StreamQuestion | undefined {
  const question = /^(\S+) (\d+)$/.exec(message);
  return question === null ? undefined : { jobId: question[1] ?? '', from: Number(question[2]) };
}
