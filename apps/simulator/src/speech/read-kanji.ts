import { type Tokenizer, TokenizerBuilder } from 'lindera-wasm-nodejs-ipadic';
import { z } from 'zod';

const KANJI = /[\u3400-\u9fff々]/;
const Tokens = z.array(z.object({ surface: z.string(), pronunciation: z.string().nullish() }));

let tokenizer: Tokenizer | undefined;

/** Loading the dictionary takes about a second and 180 MB, so only a Japanese text with kanji does it. */
function loadTokenizer(): Tokenizer {
  const builder = new TokenizerBuilder();
  builder.setDictionary('embedded://ipadic');
  builder.setMode('normal');
  return builder.build();
}

/**
 * A Japanese text as it is read aloud, in kana: the synthesiser reads kana, but says "Chinese letter" for every kanji.
 * Particles are written as they sound.
 */
export function readKanji(text: string): string {
  if (!KANJI.test(text)) return text;
  tokenizer ??= loadTokenizer();
  const tokens = Tokens.parse(tokenizer.tokenize(text));
  return tokens.map(({ surface, pronunciation }) => (pronunciation && pronunciation !== '*' ? pronunciation : surface)).join('');
}
