/**
 * A provider's text as it can be stored: without U+0000 and without unpaired surrogates, both of which Postgres refuses.
 * A paid answer is never thrown away for them.
 */
export function cleanText(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}

export interface DeltaCleaner {
  /** Takes the next piece of a stream. */
  readonly push: (piece: string) => void;
  /** The stream is over. @returns the whole text, equal to cleanText of all pieces joined */
  readonly end: () => string;
  /** What was handed on so far. */
  readonly soFar: () => string;
}

const OPEN_PAIR = /[\ud800-\udbff]$/;

/**
 * Cleans a text that comes in pieces. A piece may end between the two halves of a character: the first half waits.
 * @param onDelta gets each cleaned piece, never an empty one
 */
export function deltaCleaner(onDelta: (text: string) => void): DeltaCleaner {
  let whole = '';
  let open = '';
  function hand(text: string): void {
    if (text === '') return;
    whole += text;
    onDelta(text);
  }
  return {
    push(piece) {
      const text = open + piece.replaceAll('\u0000', '');
      open = OPEN_PAIR.exec(text)?.[0] ?? '';
      hand(text.slice(0, text.length - open.length).toWellFormed());
    },
    end() {
      hand(open.toWellFormed());
      open = '';
      return whole;
    },
    soFar: () => whole,
  };
}
