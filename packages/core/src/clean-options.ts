/** A request's options as the prompt hash and the worker see them. */
import { AiCoreError } from './errors.ts';
import { assertStorable, toNfc } from './normalize.ts';
import type { Json } from './request.ts';

/** Keys that say who asks and when, never what is asked. In the hash they would make every user's question a new one. */
export const IDENTITY_KEYS: ReadonlySet<string> = new Set([
  'user_id',
  'userId',
  'user',
  'request_id',
  'requestId',
  'trace_id',
  'traceId',
  'session_id',
  'sessionId',
  'endpoint',
  'timestamp',
]);

/** Parts of a conversation that travel in the options. They count against the prompt's limit, not against the options'. */
export const CONVERSATION_KEYS: ReadonlySet<string> = new Set(['messages', 'tools', 'response_format']);

/** Nesting of the options object itself is 1. */
export const MAX_OPTION_DEPTH = 8;
/** JSON schemas spend two levels on every nested field. */
const MAX_CONVERSATION_DEPTH = 32;

function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** One value being cleaned: where it stands and how deep it may still go. */
interface Place {
  readonly path: string;
  readonly depth: number;
  readonly maxDepth: number;
}

function inside(place: Place, key: string | number): Place {
  const step = typeof key === 'number' ? `[${key}]` : `.${key.length > 40 ? `${key.slice(0, 40)}…` : key}`;
  return { path: place.path + step, depth: place.depth + 1, maxDepth: place.maxDepth };
}

function cleanObject(value: object, place: Place): Record<string, Json> {
  if (!isPlainObject(value)) throw new AiCoreError('REQUEST_INVALID', `${place.path} is not a JSON value; send plain objects only.`);
  // Without a prototype a key named __proto__ is a key like any other.
  const cleaned = Object.create(null) as Record<string, Json>;
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    assertStorable(key, `a key of ${place.path}`);
    const composed = toNfc(key);
    if (composed in cleaned)
      throw new AiCoreError('REQUEST_INVALID', `${place.path} has the same key twice in different Unicode forms; keep one.`);
    cleaned[composed] = cleanValue(member, inside(place, key));
  }
  return cleaned;
}

function cleanValue(value: unknown, place: Place): Json {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    assertStorable(value, place.path);
    return toNfc(value);
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value))
      throw new AiCoreError('REQUEST_INVALID', `${place.path} is not a finite number; JSON has no NaN or Infinity.`);
    return value;
  }
  if (typeof value !== 'object') throw new AiCoreError('REQUEST_INVALID', `${place.path} is a ${typeof value}, which is not a JSON value.`);
  if (place.depth > place.maxDepth) {
    throw new AiCoreError('REQUEST_INVALID', `options are nested deeper than ${place.maxDepth} levels; flatten them.`);
  }
  return Array.isArray(value) ? value.map((member, index) => cleanValue(member, inside(place, index))) : cleanObject(value, place);
}

/**
 * What is left of a caller's options for the hash and the model: no identity keys, no null values, no `case_sensitive`
 * (it is in the hash as the normalization), every string and key in NFC. Only the top level is thinned out: deeper down
 * a null or a field named `endpoint` belongs to what is asked.
 * @returns a new object without a prototype, so that a key `__proto__` is plain data
 * @throws AiCoreError REQUEST_INVALID for what is not JSON, U+0000, unpaired surrogates, non-finite numbers, too deep nesting
 */
export function cleanOptions(options: Readonly<Record<string, unknown>> | null | undefined): Record<string, Json> {
  const cleaned = Object.create(null) as Record<string, Json>;
  if (options === null || options === undefined) return cleaned;
  if (typeof options !== 'object' || !isPlainObject(options)) throw new AiCoreError('REQUEST_INVALID', 'options must be a JSON object.');
  for (const [key, value] of Object.entries(options)) {
    if (value === null || value === undefined || key === 'case_sensitive' || IDENTITY_KEYS.has(key)) continue;
    assertStorable(key, 'a key of options');
    const composed = toNfc(key);
    if (composed in cleaned)
      throw new AiCoreError('REQUEST_INVALID', 'options has the same key twice in different Unicode forms; keep one.');
    const maxDepth = CONVERSATION_KEYS.has(key) ? MAX_CONVERSATION_DEPTH : MAX_OPTION_DEPTH;
    cleaned[composed] = cleanValue(value, inside({ path: 'options', depth: 1, maxDepth }, key));
  }
  return cleaned;
}
