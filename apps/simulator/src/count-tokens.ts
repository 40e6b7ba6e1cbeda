/** Bytes of UTF-8 per token: about 4.5 in English and in Japanese with o200k_base; 4 is on the safe side of both. */
const BYTES_PER_TOKEN = 4;

/** A repeatable stand-in for a vendor's tokenizer. Whole number, 0 for an empty text. */
export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text, 'utf8') / BYTES_PER_TOKEN);
}

/** The longest beginning of a text that has at most `tokens` tokens, whole characters only. */
export function firstTokens(text: string, tokens: number): string {
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character, 'utf8');
    if (bytes > tokens * BYTES_PER_TOKEN) break;
    end += character.length;
  }
  return text.slice(0, end);
}
