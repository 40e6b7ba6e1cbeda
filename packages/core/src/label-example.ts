/** First labels of a training example, from what its request says. People correct them; a corrected label is never touched again. */
import type { RememberedQuestion } from './training-example.ts';
import type { Json } from './request.ts';

export const DIFFICULTIES = ['easy', 'medium', 'hard'] as const;
export type Difficulty = (typeof DIFFICULTIES)[number];

export interface ExampleLabels {
  /** null = the request does not say. */
  readonly difficulty: Difficulty | null;
  /** Lower case, words joined by `_`, sorted, without doubles. */
  readonly tags: readonly string[];
}

/** Words for a level, and the difficulty they stand for: school words, JLPT and the Common European Framework. */
const LEVELS: ReadonlyMap<string, Difficulty> = new Map([
  ...['easy', 'beginner', 'elementary', 'basic', 'simple', 'n5', 'n4', 'a1', 'a2'].map((word) => [word, 'easy'] as const),
  ...['medium', 'intermediate', 'normal', 'n3', 'b1', 'b2'].map((word) => [word, 'medium'] as const),
  ...['hard', 'advanced', 'difficult', 'expert', 'n2', 'n1', 'c1', 'c2'].map((word) => [word, 'hard'] as const),
]);

/** Options that say how hard something is to be. */
const LEVEL_OPTIONS = ['difficulty', 'level', 'jlpt_level', 'cefr_level', 'jlpt', 'cefr', 'grade_level'] as const;
/** Options that say what something is about. */
const SUBJECT_OPTIONS = ['subject', 'subjects', 'topic', 'topics', 'tags', 'course', 'skill', 'category', 'exam'] as const;
const LANGUAGE_OPTIONS = ['language', 'secondary_language'] as const;
const MAX_TAGS = 16;
const MAX_TAG_CHARACTERS = 60;

function textsOf(value: Json | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  return Array.isArray(value) ? value.flatMap(textsOf) : [];
}

/** "JLPT N5" becomes jlpt_n5. @returns '' when nothing is left */
export function toTag(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, MAX_TAG_CHARACTERS);
}

function difficultyOf(options: RememberedQuestion['options']): Difficulty | null {
  const words = LEVEL_OPTIONS.flatMap((name) => textsOf(options[name])).flatMap((text) => toTag(text).split('_'));
  return words.map((word) => LEVELS.get(word)).find((difficulty) => difficulty !== undefined) ?? null;
}

/** Difficulty and tags as the request's type and options tell them. */
export function labelExample({ requestType, options }: RememberedQuestion): ExampleLabels {
  const subjects = SUBJECT_OPTIONS.flatMap((name) => textsOf(options[name]));
  const languages = LANGUAGE_OPTIONS.flatMap((name) => textsOf(options[name])).map((text) => text.split('-')[0] ?? '');
  const levels = LEVEL_OPTIONS.filter((name) => name.includes('jlpt') || name.includes('cefr')).flatMap((name) =>
    textsOf(options[name]).map((text) => `${name.startsWith('jlpt') ? 'jlpt' : 'cefr'} ${text.replace(/^\s*(jlpt|cefr)\s*/i, '')}`),
  );
  const tags = [requestType, ...subjects, ...languages, ...levels].map(toTag).filter((tag) => tag !== '');
  return { difficulty: difficultyOf(options), tags: [...new Set(tags)].toSorted().slice(0, MAX_TAGS) };
}
