/**
 * Token counts with a real tokenizer, for requests that come near the end of a context. It takes 0.15 s and 75 MB to load, so it
 * is loaded with the first text that is counted, and estimate-tokens.ts is asked before.
 */

/** Runs without a break cost the tokenizer the square of their length: 100,000 letters took 7.8 s. Cut like this they take 0.3 s. */
const PIECE = 512;
/** Other work gets its turn after so many pieces. */
const PIECES_AT_A_TIME = 64;

/** So that words which mean something to a tokenizer, such as <|endoftext|>, are counted like any other. */
const NO_SPECIAL = { disallowedSpecial: new Set<string>() };

function* cut(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    let end = Math.min(from + PIECE, text.length);
    const last = text.charCodeAt(end - 1);
    if (end < text.length && last >= 0xd800 && last <= 0xdbff) end -= 1;
    yield text.slice(from, end);
    from = end;
  }
}

/**
 * Counts tokens with o200k_base, OpenAI's encoding.
 * @returns the count, up to 2 in 100 too high because long texts are counted in pieces
 */
export async function countTokens(text: string): Promise<number> {
  const { countTokens: count } = await import('gpt-tokenizer/encoding/o200k_base');
  let tokens = 0;
  let pieces = 0;
  for (const piece of cut(text)) {
    tokens += count(piece, NO_SPECIAL);
    pieces += 1;
    if (pieces % PIECES_AT_A_TIME === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return tokens;
}
