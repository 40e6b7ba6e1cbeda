import { createStreamFiller, type Placeholder, type StreamFiller } from '@ai-core/core';
import type { StreamMessage } from '@ai-core/queue';

/** What there is to hand on. */
export type Portion = { readonly type: 'delta'; readonly text: string } | { readonly type: 'reset' };

/** Puts the pieces of a streamed text together for one caller, however they arrive. */
export interface IncomingText {
  take(message: StreamMessage): void;
  /** What came since the last call; undefined = nothing. */
  next(): Portion | undefined;
  /** What is still to be handed on once the whole answer is known. */
  finish(whole: string): Portion[];
  /** Place up to which the text has come, in UTF-16 units of the model's text. */
  received(): number;
}

/**
 * Pieces may come twice, again from an earlier place, or not at all; an attempt may fail and the next begin anew.
 * @param values personal data of this caller, put back where its placeholders stand
 * @param onGap called when a piece is missing in between
 */
export function createIncomingText(values: readonly Placeholder[], onGap: (from: number) => void): IncomingText {
  let fence = 0;
  let received = 0;
  let filler: StreamFiller = createStreamFiller(values);
  /** What was handed on of the attempt that `fence` names, or of what went before it as long as `resetDue` stands. */
  let handed = '';
  let waiting = '';
  let resetDue = false;
  let asked = false;

  function beginAnew(attempt: number): void {
    fence = attempt;
    received = 0;
    asked = false;
    filler = createStreamFiller(values);
    waiting = '';
    resetDue ||= handed !== '';
    handed = '';
  }

  return {
    take(message) {
      if (message.fence < fence) return;
      if (message.type === 'reset') {
        beginAnew(message.fence + 1);
        return;
      }
      if (message.fence > fence) beginAnew(message.fence);
      if (message.from > received) {
        if (!asked) onGap(received);
        asked = true;
        return;
      }
      const piece = message.text.slice(received - message.from);
      if (piece === '') return;
      asked = false;
      received += piece.length;
      waiting += filler.push(piece);
    },
    next() {
      if (resetDue) {
        resetDue = false;
        return { type: 'reset' };
      }
      if (waiting === '') return undefined;
      const text = waiting;
      handed += text;
      waiting = '';
      return { type: 'delta', text };
    },
    finish(whole) {
      const kept = !resetDue && whole.startsWith(handed);
      const rest = kept ? whole.slice(handed.length) : whole;
      const portions: Portion[] = kept ? [] : [{ type: 'reset' }];
      if (rest !== '') portions.push({ type: 'delta', text: rest });
      return portions;
    },
    received: () => received,
  };
}
