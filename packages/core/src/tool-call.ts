/** Functions that a model may call: what it called, and how personal data travels through the calls. */
import { z } from 'zod';
import { PROVIDERS } from './provider-facts.ts';
import type { ProviderFacts } from './provider-facts.ts';
import type { ProviderConfig } from './model.ts';
import { fillBack } from './redact/fill-back.ts';
import type { Placeholder } from './redact/placeholder.ts';
import type { Json } from './request.ts';

/** A call of a function that a model asks its caller to make. */
export interface ToolCall {
  /** By which the caller says whose result it brings. */
  readonly id: string;
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
}

/** @returns true when the model is given functions it may call */
export function wantsTools(options: Readonly<Record<string, Json>>): boolean {
  return Object.hasOwn(options, 'tools');
}

/** @returns whether a model calls functions: what its configuration says, else what is true of its provider */
export function callsTools({ provider, capabilities }: Pick<ProviderConfig, 'provider' | 'capabilities'>): boolean {
  const facts: ProviderFacts = PROVIDERS[provider];
  return capabilities.tools ?? facts.callsTools ?? false;
}

const ToolMessage = z.looseObject({ role: z.literal('tool'), content: z.string() });
const CallingMessage = z.looseObject({
  role: z.literal('assistant'),
  tool_calls: z.array(z.looseObject({ function: z.looseObject({ arguments: z.string() }) })).min(1),
});

/** @returns true when a conversation holds calls of functions or their results: it is its caller's own */
export function hasToolMessages(messages: Json | undefined): boolean {
  if (!Array.isArray(messages)) return false;
  return messages.some((message) => ToolMessage.safeParse(message).success || CallingMessage.safeParse(message).success);
}

/** An escaped backslash, which begins no escape; a pair of halves; any one unit. */
const ESCAPE = /\\\\|\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})|\\u([0-9a-f]{4})/gi;
/** What has to stay escaped within a JSON string: control characters, the quote, the backslash, and half a pair. */
const STAYS_ESCAPED = /[\p{Cc}\p{Cs}"\\]/u;

function plainLetter(escape: string, ...found: (string | undefined)[]): string {
  const [high, low, single = ''] = found;
  const units = high === undefined || low === undefined ? [single] : [high, low];
  const letter = String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16)));
  return escape === '\\\\' || STAYS_ESCAPED.test(letter) ? escape : letter;
}

/** The same JSON with its letters as letters: `Jos\u00e9` hides a name from whoever looks for it. Other text stays as it is. */
function withPlainLetters(text: string): string {
  if (!text.includes('\\u')) return text;
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  return text.replace(ESCAPE, plainLetter);
}

/**
 * Prepares a conversation for the search for personal data: the arguments of calls and the results of functions are JSON more often
 * than not, and JSON can spell every letter as a number.
 */
export function plainToolTexts(messages: Json): Json {
  if (!Array.isArray(messages)) return messages;
  return messages.map((message) => {
    const result = ToolMessage.safeParse(message);
    if (result.success) return { ...result.data, content: withPlainLetters(result.data.content) } as Json;
    const calling = CallingMessage.safeParse(message);
    if (!calling.success) return message;
    const calls = calling.data.tool_calls.map((call) => ({
      ...call,
      function: { ...call.function, arguments: withPlainLetters(call.function.arguments) },
    }));
    return { ...calling.data, tool_calls: calls } as Json;
  });
}

function fillValue(value: Json, values: readonly Placeholder[]): Json {
  if (typeof value === 'string') return fillBack(value, values).text;
  if (Array.isArray(value)) return value.map((member) => fillValue(member, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [fillBack(key, values).text, fillValue(member, values)]));
}

/** A value may hold a quote or a line end, so it is put into the JSON value and not into its text. */
function fillArguments(text: string, values: readonly Placeholder[]): string {
  if (!text.includes('⟦')) return text;
  try {
    return JSON.stringify(fillValue(JSON.parse(text) as Json, values));
  } catch {
    return fillBack(text, values).text;
  }
}

/** Calls with a caller's own personal data in their arguments. */
export function fillToolCalls(calls: readonly ToolCall[], values: readonly Placeholder[]): ToolCall[] {
  return calls.map(({ id, name, arguments: text }) => ({ id, name, arguments: fillArguments(text, values) }));
}
