const DELTA_CHARACTERS = 24;

/** A text in the pieces a vendor streams it in. Joined they are the text; an empty text has none. */
export function splitDeltas(text: string): string[] {
  return text.match(new RegExp(`[^]{1,${DELTA_CHARACTERS}}`, 'gu')) ?? [];
}
