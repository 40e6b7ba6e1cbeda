import { createHash } from 'node:crypto';
import { AiCoreError } from './errors.ts';
import { boundTokens } from './estimate-tokens.ts';
import type { Capabilities } from './model.ts';
import { splitAtGraphemes, splitClauses, splitSentences, splitWords } from './split-speech-sentences.ts';

export type InputLimit = NonNullable<Capabilities['inputLimit']>;

export interface SplitSpeechOptions {
  /** BCP 47; decides what ends a sentence. */
  readonly language: string;
  /** The most one call of the speech engine takes. */
  readonly limit: InputLimit;
}

/** A part has at least this many UTF-8 bytes before it may end where its content says. */
const LEAST_BYTES = 1_500;
/** One sentence in so many ends a part. */
const CUT_ONE_IN = 15n;
/** Below this a limit is a mistake in a configuration. */
const LEAST_LIMIT = 100;

/** Size of a stretch of text in the unit of a limit; never too small. */
const MEASURES = {
  characters: (text) => text.length,
  bytes: (text) => Buffer.byteLength(text),
  tokens: boundTokens,
} as const satisfies Record<InputLimit['unit'], (text: string) => number>;

/** Size of a text in the unit of a limit; never too small. */
export function measureSpeech(text: string, unit: InputLimit['unit']): number {
  return MEASURES[unit](text);
}

/** For sentences that are longer than the limit: from the next natural seams to the last resort. */
const SMALLER_SEAMS: readonly ((text: string) => string[])[] = [
  splitClauses,
  splitWords,
  splitAtGraphemes,
  // A grapheme of more than the limit, such as a letter with a thousand accents, is cut between its code points.
  (text) => Array.from(text),
];

/** Stretches that are never cut: sentences, or what has to be made of the ones that are longer than the limit. */
function toAtoms(text: string, language: string, fits: (text: string) => boolean): string[] {
  return SMALLER_SEAMS.reduce(
    (atoms, split) => atoms.flatMap((atom) => (fits(atom.trim()) ? [atom] : split(atom))),
    splitSentences(text, language),
  );
}

function endsPart(atom: string): boolean {
  const digest = createHash('sha256').update(atom.trim()).digest('hex');
  return BigInt(`0x${digest}`) % CUT_ONE_IN === 0n;
}

/**
 * Cuts a long text into parts that a speech engine takes, at places that the text itself decides: after a part has 1,500 bytes, at the
 * first sentence whose SHA-256 is a multiple of 15, always before the limit. So an edit changes the part it is in and seldom more, and the
 * other parts are remembered.
 *
 * A sentence ends at . ! ? 。！？ and what the language has besides, with closing quotes and brackets, and at a line's end. One that is longer
 * than the limit is cut at commas, else between words, else between graphemes.
 * @returns parts in order, each trimmed, none empty; only white space between two parts is missing. `[]` for white space alone
 * @throws AiCoreError INTERNAL for a limit below 100
 */
export function splitSpeech(text: string, { language, limit }: SplitSpeechOptions): string[] {
  if (!(limit.amount >= LEAST_LIMIT)) {
    throw new AiCoreError(
      'INTERNAL',
      `an input limit of ${limit.amount} ${limit.unit} is too small to speak with; at least ${LEAST_LIMIT} are needed`,
    );
  }
  const measure = MEASURES[limit.unit];
  const fits = (stretch: string): boolean => measure(stretch) <= limit.amount;
  const parts: string[] = [];
  let part = '';
  const endPart = (): void => {
    if (part.trim() !== '') parts.push(part.trim());
    part = '';
  };
  for (const atom of toAtoms(text, language, fits)) {
    if (!fits((part + atom).trim())) endPart();
    part += atom;
    if (Buffer.byteLength(part) >= LEAST_BYTES && endsPart(atom)) endPart();
  }
  endPart();
  return parts;
}
