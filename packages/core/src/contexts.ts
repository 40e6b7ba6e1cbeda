/**
 * Named contexts: a long text that is stored once and named by prompts as `{{context:name}}`. The prompt keeps its reference; what is
 * hashed beside it is the SHA-256 of the text; the text itself goes to the model before everything else.
 */
import { hash } from 'node:crypto';
import { AiCoreError } from './errors.ts';
import { assertStorable, normalize } from './normalize.ts';
import { redact } from './redact.ts';
import type { Json } from './request.ts';

/** Contexts one request may name. */
const MAX_CONTEXTS = 8;
/** Longest text of a context, in UTF-16 units (JavaScript's string length). */
export const MAX_CONTEXT_CHARACTERS = 2_000_000;

/** The reserved option that holds name and SHA-256 of every context of a request. */
export const CONTEXTS_OPTION = 'contexts';

const NAME = /^[a-z0-9][a-z0-9_.-]{0,99}$/;
const REFERENCE = /\{\{\s*context:([^{}]*)\}\}/gi;

/**
 * @returns the name as it is stored: names do not differ by case
 * @throws AiCoreError REQUEST_INVALID for what is no name
 */
export function toContextName(text: string): string {
  const name = text.trim().toLowerCase();
  if (!NAME.test(name)) {
    throw new AiCoreError(
      'REQUEST_INVALID',
      'the name of a context has 1 to 100 letters, digits, "_", "-" and ".", and begins with a letter or digit',
    );
  }
  return name;
}

export interface CheckedContext {
  readonly name: string;
  /** In its exact normal form. */
  readonly text: string;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
}

/**
 * Checks a text that is to become a context.
 * @throws AiCoreError REQUEST_INVALID for a bad name, an empty, too long or unstorable text, and for personal data: a context is
 *   everybody's, and nobody could have the data put back
 */
export function checkContext(context: { readonly name: string; readonly text: string }): CheckedContext {
  const name = toContextName(context.name);
  assertStorable(context.text, 'the text of a context');
  const text = normalize(context.text, 'exact');
  if (text === '') throw new AiCoreError('REQUEST_INVALID', 'the text of a context must not be empty');
  if (text.length > MAX_CONTEXT_CHARACTERS) {
    throw new AiCoreError(
      'REQUEST_INVALID',
      `the text of a context has ${text.length} characters; at most ${MAX_CONTEXT_CHARACTERS} are allowed. Split it.`,
    );
  }
  const kinds = new Set(redact(`{{context:${name}}}\n${text}`).values.map(({ kind }) => kind));
  if (kinds.size > 0) {
    throw new AiCoreError(
      'REQUEST_INVALID',
      `the context contains personal data or placeholders (${[...kinds].join(', ')}); it is shared by all who name it, so take them out`,
    );
  }
  return { name, text, sha256: hash('sha256', text) };
}

interface Referring {
  readonly prompt: string;
  readonly options: Readonly<Record<string, Json>>;
}

/** Options whose texts may name contexts, besides the prompt. */
const REFERRING_OPTIONS = ['system', 'messages'] as const;

function collect(value: Json | undefined, names: Set<string>): void {
  if (typeof value === 'string') for (const [, name = ''] of value.matchAll(REFERENCE)) names.add(toContextName(name));
  else if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) collect(member, names);
}

/**
 * The contexts a request names in its prompt, system text or messages.
 * @returns names in alphabetical order, each once: the same contexts begin every request alike, so that provider caches hit
 * @throws AiCoreError REQUEST_INVALID for a reference that is no name, and for more than MAX_CONTEXTS
 */
export function findContextNames({ prompt, options }: Referring): string[] {
  const names = new Set<string>();
  collect(prompt, names);
  for (const option of REFERRING_OPTIONS) collect(options[option], names);
  if (names.size > MAX_CONTEXTS)
    throw new AiCoreError('REQUEST_INVALID', `a request may name at most ${MAX_CONTEXTS} contexts; this one names ${names.size}`);
  return [...names].toSorted();
}

/** The contexts of a hashed request: name and SHA-256, in alphabetical order. */
export function contextsOf(options: Readonly<Record<string, Json>>): { readonly name: string; readonly sha256: string }[] {
  const contexts = options[CONTEXTS_OPTION];
  if (typeof contexts !== 'object' || contexts === null || Array.isArray(contexts)) return [];
  return Object.entries(contexts)
    .flatMap(([name, sha256]) => (typeof sha256 === 'string' ? [{ name, sha256 }] : []))
    .toSorted((one, two) => (one.name < two.name ? -1 : 1));
}

function referText(text: string): string {
  return text.replace(REFERENCE, (_, name: string) => `the context "${toContextName(name)}"`);
}

function refer(value: Json): Json {
  if (typeof value === 'string') return referText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(refer);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, refer(member)]));
}

export interface WrittenContexts extends Referring {
  /** What goes before everything else. */
  readonly context: string;
}

/**
 * What a model is given for a request with contexts: their texts first, each marked with its name, and where the request names one,
 * the name in words.
 */
export function writeContexts(request: Referring, contexts: readonly { readonly name: string; readonly text: string }[]): WrittenContexts {
  const options: Record<string, Json> = { ...request.options };
  for (const option of REFERRING_OPTIONS) {
    const value = options[option];
    if (value !== undefined) options[option] = refer(value);
  }
  return {
    context: contexts.map(({ name, text }) => `<context name="${name}">\n${text}\n</context>`).join('\n\n'),
    prompt: referText(request.prompt),
    options,
  };
}
