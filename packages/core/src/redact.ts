/**
 * Redaction: personal data leaves a text before the text is hashed, remembered or sent, and a placeholder stands in its place.
 * Matching reads a folded view (full-width forms, dashes, invisible characters); what is replaced is exactly the original
 * stretch, and every other character stays as it is.
 */
import { AiCoreError } from './errors.ts';
import type { Placeholder } from './redact/placeholder.ts';
import { Redaction } from './redact/redaction.ts';
import type { Json } from './request.ts';

export interface RedactOptions {
  /** Names the caller knows, found exactly besides the structured kinds. */
  readonly knownNames?: readonly string[] | undefined;
  /** ISO 3166 code of the country whose telephone numbers are read without a country code. Default JP. */
  readonly region?: string | undefined;
  /** Placeholders the request already has: their numbering goes on. */
  readonly values?: readonly Placeholder[] | undefined;
}

export interface RedactedText {
  readonly text: string;
  /** Every placeholder of the request so far, those of `options.values` first, then by first appearance. */
  readonly values: Placeholder[];
}

export interface RedactedJson {
  readonly value: Json;
  readonly values: Placeholder[];
}

const DEFAULT_REGION = 'JP';
const MAX_JSON_DEPTH = 100;

function beginRedaction({ knownNames = [], region = DEFAULT_REGION, values = [] }: RedactOptions): Redaction {
  return new Redaction({ knownNames, region, values });
}

/**
 * Replaces personal data by placeholders: e-mail addresses, telephone and card numbers, IBANs, IP addresses, national ids, keys
 * and the known names. Equal values share a number; another spelling of one is `⟦EMAIL_1.2⟧`. A placeholder in the caller's own
 * text stands for itself, any other ⟦ or ⟧ is replaced too, so `fillBack` restores every text exactly. Redacting a redacted
 * text changes nothing. Linear in the length of the text.
 * @returns the text to hash, remember and send, and the values that must not be
 * @throws AiCoreError REQUEST_INVALID for more than 100 known names or one over 300 characters
 */
export function redact(text: string, options: RedactOptions = {}): RedactedText {
  const redaction = beginRedaction(options);
  return { text: redaction.redactText(text), values: redaction.values };
}

function redactValue(redaction: Redaction, value: Json, depth: number): Json {
  if (typeof value === 'string') return redaction.redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_JSON_DEPTH)
    throw new AiCoreError('REQUEST_INVALID', `a value is nested deeper than ${MAX_JSON_DEPTH} levels; flatten it before sending.`);
  if (Array.isArray(value)) return value.map((item) => redactValue(redaction, item, depth + 1));
  const entries = Object.entries(value).map(([key, item]): [string, Json] => {
    // The keys of the outermost object are the names of options, never somebody's data.
    const redactedKey = depth === 0 ? key : redaction.redactText(key);
    return [redactedKey, redactValue(redaction, item, depth + 1)];
  });
  return Object.fromEntries(entries);
}

/**
 * Redacts every string inside a JSON value, and the keys of nested objects. To share one numbering with the prompt, pass the
 * prompt's `values` and go on with those returned.
 * @param value options, or a list of messages
 * @throws AiCoreError REQUEST_INVALID like `redact`, and for a value nested deeper than 100 levels
 */
export function redactJson(value: Json, options: RedactOptions = {}): RedactedJson {
  const redaction = beginRedaction(options);
  return { value: redactValue(redaction, value, 0), values: redaction.values };
}
