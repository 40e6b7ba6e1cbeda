/** Where a text may be cut for speech. Every function gives pieces that joined are the text again; white space stays with the piece before it. */

/** Languages written without spaces between sentences. */
const UNSPACED = new Set(['ja', 'zh', 'yue', 'cmn']);

/** What ends a sentence beside . ! ? 。！？ */
const MORE_ENDS: Readonly<Record<string, string>> = {
  hi: '।॥',
  mr: '।॥',
  ne: '।॥',
  bn: '।',
  pa: '।',
  ar: '؟',
  fa: '؟',
  ur: '؟۔',
  el: ';\u037e',
  hy: '։',
  my: '။',
  km: '។',
  am: '።፧',
};

/** Words whose full stop ends no sentence. One letter and a stop never does: initials, "e.g.", "z. B." */
const ABBREVIATIONS: Readonly<Record<string, readonly string[]>> = {
  en: ['mr', 'mrs', 'ms', 'dr', 'prof', 'st', 'vs', 'etc', 'no', 'fig', 'approx'],
  de: ['dr', 'prof', 'hr', 'fr', 'nr', 'bzw', 'usw', 'ca', 'vgl', 'evtl', 'ggf', 'inkl', 'str', 'abs'],
  fr: ['m', 'mm', 'mme', 'mlle', 'dr', 'etc', 'env', 'cf', 'no', 'av'],
  es: ['sr', 'sra', 'srta', 'dr', 'dra', 'ud', 'uds', 'etc', 'pág', 'núm', 'av'],
  it: ['sig', 'dott', 'prof', 'ecc', 'pag', 'avv', 'ing'],
  pt: ['sr', 'sra', 'dr', 'dra', 'prof', 'etc', 'pág', 'av'],
};

const ALWAYS_ENDS = '。！？｡．‼⁇⁈⁉';
const CLOSERS = '"\'”’»」』）)\\]】〉》›';

/** A full stop after this much of a word is looked up. */
const LONGEST_ABBREVIATION = 8;
const LAST_WORD = /[\p{L}\p{M}]+$/u;
const LOWER_CASE_AHEAD = /^[\p{Ps}\p{Pi}"']*\p{Ll}/u;
const WORD_AHEAD = /^[A-Za-z0-9.]/;
/** 「行く。」と言った: the quotation is inside a sentence. */
const QUOTED_AHEAD = /^(?:と|って)/;
const SPOKEN = /[\p{L}\p{N}]/u;
const LINE_END = /[\n\r\u2028\u2029]/;

interface Rules {
  readonly pattern: RegExp;
  readonly alwaysEnds: string;
  readonly isUnspaced: boolean;
  readonly abbreviations: readonly string[];
}

function rulesOf(language: string): Rules {
  const primary = language.split('-')[0]?.toLowerCase() ?? '';
  const alwaysEnds = ALWAYS_ENDS + (MORE_ENDS[primary] ?? '');
  return {
    // A run of marks with what closes behind it and the white space after, or white space with a line's end in it.
    pattern: new RegExp(`(?<marks>[.!?${alwaysEnds}]+)(?<closers>[${CLOSERS}]*)(?<space>\\s*)|\\s*[\\n\\r\\u2028\\u2029]\\s*`, 'gu'),
    alwaysEnds,
    isUnspaced: UNSPACED.has(primary),
    abbreviations: ABBREVIATIONS[primary] ?? [],
  };
}

function isAbbreviation(before: string, abbreviations: readonly string[]): boolean {
  const word = LAST_WORD.exec(before)?.[0];
  return word !== undefined && (Array.from(word).length === 1 || abbreviations.includes(word.toLowerCase()));
}

/** @param around the marks that were found, what closes and separates behind them, and the text on both sides */
function isEnd(around: { marks: string; closers: string; space: string; before: string; after: string }, rules: Rules): boolean {
  const { marks, closers, space, before, after } = around;
  if (after === '' || LINE_END.test(space)) return true;
  if (rules.isUnspaced && closers !== '' && QUOTED_AHEAD.test(after)) return false;
  if (Array.from(marks).some((mark) => rules.alwaysEnds.includes(mark))) return true;
  const isOnlyStops = /^\.+$/.test(marks);
  if (rules.isUnspaced && space === '') return !isOnlyStops || !WORD_AHEAD.test(after);
  if (space === '') return false;
  return !(isOnlyStops && (LOWER_CASE_AHEAD.test(after) || (marks === '.' && isAbbreviation(before, rules.abbreviations))));
}

/** Cuts behind every match that `keep` accepts. */
function cutAfter(text: string, pattern: RegExp, keep: (match: RegExpExecArray, end: number) => boolean = () => true): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    if (end === from || !keep(match, end)) continue;
    pieces.push(text.slice(from, end));
    from = end;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

/** Rulers, lone brackets and blank lines: an engine asked to say only such a thing refuses. They go with the sentence before. */
function joinUnspoken(pieces: readonly string[]): string[] {
  const joined: string[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last !== undefined && (!SPOKEN.test(piece) || !SPOKEN.test(last))) joined[joined.length - 1] = last + piece;
    else joined.push(piece);
  }
  return joined;
}

/**
 * @param language BCP 47
 * @returns sentences, each with at least one letter or digit where the text has one
 */
export function splitSentences(text: string, language: string): string[] {
  const rules = rulesOf(language);
  const pieces = cutAfter(text, rules.pattern, (match, end) => {
    const { marks, closers = '', space = '' } = match.groups ?? {};
    if (marks === undefined) return true;
    const before = text.slice(Math.max(0, match.index - LONGEST_ABBREVIATION), match.index);
    return isEnd({ marks, closers, space, before, after: text.slice(end, end + LONGEST_ABBREVIATION) }, rules);
  });
  return joinUnspoken(pieces);
}

/** Cuts behind commas, semicolons and colons; the Latin ones count only before white space, for 1,000 is one number. */
export function splitClauses(text: string): string[] {
  return cutAfter(text, /[、，；：]\s*|[,;:،؛]\s+/gu);
}

export function splitWords(text: string): string[] {
  return cutAfter(text, /\s+/gu);
}

/** Cuts between user-perceived characters: never inside a surrogate pair, an emoji sequence or an accented letter. */
export function splitAtGraphemes(text: string): string[] {
  return Array.from(new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text), ({ segment }) => segment);
}
