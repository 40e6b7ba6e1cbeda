import type { Json } from '@ai-core/core';

const LANGUAGES = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' });
const TAG = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/;

/** Looking a name up takes 20 µs, and few languages are asked for. */
const names = new Map<string, string>();
const MOST_NAMES = 500;

/** "Japanese (ja)"; what is not a language tag is taken as the name of a language. */
function nameOf(language: string): string {
  if (!TAG.test(language)) return language;
  const known = names.get(language);
  if (known !== undefined) return known;
  const name = `${LANGUAGES.of(language) ?? language} (${language})`;
  if (names.size < MOST_NAMES) names.set(language, name);
  return name;
}

type Sentence = (value: string) => string;

/** Options about the content whose meaning we know. */
const SENTENCES: Readonly<Record<string, Sentence>> = {
  language: (value) => `Answer in ${nameOf(value)}.`,
  secondary_language: (value) => `The second language is ${nameOf(value)}: use it for translations and explanations where they help.`,
  difficulty: (value) => `Difficulty: ${value}.`,
};

function isScalar(value: Json): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** A list of scalars as one text; undefined for anything deeper. */
function plain(value: Json): string | undefined {
  if (isScalar(value)) return String(value).trim();
  if (Array.isArray(value) && value.every(isScalar)) return value.map(String).join(', ');
  return undefined;
}

/**
 * Says an option about the content in a sentence for the model: what a caller puts into its options is part of what it
 * asked for (and part of the request's identity), so it has to reach the model.
 * @param name for example `language` or `number_of_questions`
 * @returns undefined when the value cannot be said in a sentence; '' when there is nothing to say
 */
export function sayContentOption(name: string, value: Json): string | undefined {
  const text = plain(value);
  if (text === undefined || text === '') return text;
  const known = SENTENCES[name];
  if (known && typeof value === 'string') return known(text);
  const label = name.replaceAll(/[_-]+/g, ' ').trim();
  return `${label.charAt(0).toUpperCase()}${label.slice(1)}: ${text}.`;
}
