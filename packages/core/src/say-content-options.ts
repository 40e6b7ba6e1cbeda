/** What the options of a text request say to the model in words: the same when an answer is bought and when a model is trained on it. */
import type { Json } from './request.ts';

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

/** Options that decided which model is called, or how; nothing is left to do with them here. */
const DONE_BEFORE = new Set([
  'tier',
  'deep_reasoning',
  'max_tier',
  'allowed_tiers',
  'allowed_models',
  'fallback',
  'max_cost_usd',
  'scope',
  'explain',
  'stream',
  'model',
  'contexts',
]);

/** Options of chat APIs that say nothing to a reader and that no adapter sends. */
const NEVER_SENT = new Set([
  'n',
  'tool_choice',
  'functions',
  'function_call',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'modalities',
  'audio',
  'store',
  'metadata',
]);

/** Options with a field of their own on the wire, or a place of their own in the conversation. */
const TECHNICAL = new Set([
  'system',
  'messages',
  'tools',
  'response_format',
  'temperature',
  'top_p',
  'seed',
  'stop',
  'frequency_penalty',
  'presence_penalty',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'reasoning',
  'reasoning_effort',
]);

/**
 * True for options with which nothing is left to do here. quality chooses the model only when it is "premium"; any other value
 * is a part of the question.
 */
export function isDoneBefore(name: string, value: Json): boolean {
  return DONE_BEFORE.has(name) || (name === 'quality' && value === 'premium');
}

/**
 * Says an option about the content in a sentence for the model: what a caller puts into its options is part of what it
 * asked for (and part of the request's identity), so it has to reach the model.
 * @param name for example `language` or `number_of_questions`
 * @returns undefined when the value cannot be said in a sentence; '' when there is nothing to say
 */
function sayContentOption(name: string, value: Json): string | undefined {
  const text = plain(value);
  if (text === undefined || text === '') return text;
  const known = SENTENCES[name];
  if (known && typeof value === 'string') return known(text);
  const label = name.replaceAll(/[_-]+/g, ' ').trim();
  return `${label.charAt(0).toUpperCase()}${label.slice(1)}: ${text}.`;
}

export interface SaidOptions {
  /** One sentence per option about the content, in the order of the options. */
  readonly sentences: readonly string[];
  /** Names of options that cannot be said and that nothing else honours. */
  readonly unsaid: readonly string[];
}

/** Says all options about the content; technical ones and those that chose the model are left to others. */
export function sayContentOptions(options: Readonly<Record<string, Json>>): SaidOptions {
  const sentences: string[] = [];
  const unsaid: string[] = [];
  for (const [name, value] of Object.entries(options)) {
    if (TECHNICAL.has(name) || isDoneBefore(name, value) || value === null) continue;
    const sentence = NEVER_SENT.has(name) ? undefined : sayContentOption(name, value);
    if (sentence === undefined) unsaid.push(name);
    else if (sentence !== '') sentences.push(sentence);
  }
  return { sentences, unsaid };
}
