/** Filling back while an answer streams: text flows on at once, an open ⟦ waits for its end. */
import { Filler, MAX_INSIDE } from './fill-back.ts';
import { CLOSE, OPEN } from './placeholder.ts';
import type { Placeholder } from './placeholder.ts';

export interface StreamFiller {
  /** @returns what can be shown now; empty while a placeholder is incomplete */
  push(chunk: string): string;
  /** @returns what was held back: the stream has ended */
  end(): string;
  /** True as soon as a foreign or damaged placeholder was seen; final after `end`. */
  readonly foreign: boolean;
}

/** Where the part begins that may still become a placeholder; the length of the text when none may. */
function heldFrom(text: string): number {
  const open = text.lastIndexOf(OPEN);
  const isOpen = open >= 0 && !text.includes(CLOSE, open) && text.length - open <= MAX_INSIDE + 1;
  return isOpen ? open : text.length;
}

/**
 * Fills the pieces of a stream. However the answer is cut, the pieces together are what `fillBack` makes of the whole.
 * @param values what `redact` took out of that caller's request
 */
export function createStreamFiller(values: readonly Placeholder[]): StreamFiller {
  const filler = new Filler(values);
  let held = '';
  return {
    push(chunk) {
      const text = held + chunk;
      const from = heldFrom(text);
      held = text.slice(from);
      return filler.fill(text.slice(0, from));
    },
    end() {
      const text = held;
      held = '';
      return filler.fill(text);
    },
    get foreign() {
      return filler.foreign;
    },
  };
}
