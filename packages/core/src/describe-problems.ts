/** What is wrong with an input, in sentences for the person who sent it. Never repeats a value: it may be a prompt. */
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

const MAX_NAME = 60;

function shorten(name: string): string {
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}

function pathOf(issue: Issue): string {
  return issue.path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${shorten(String(step))}`))
    .join('');
}

/** The value an issue is about, to tell "missing" from "wrong". */
function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function describeUnknown(keys: readonly string[], known: ReadonlySet<string>): string {
  return keys
    .map((key) => {
      const meant = toSnakeCase(key);
      return `${shorten(key)} is not a known field${meant !== key && known.has(meant) ? `; it is called ${meant}` : ''}.`;
    })
    .join(' ');
}

const EXPECTATIONS: Readonly<Record<string, string>> = { int: 'a whole number', object: 'an object', array: 'a list' };

function describeProblem(issue: Issue, input: unknown, known: ReadonlySet<string>): string {
  const where = pathOf(issue) || 'the request';
  if (issue.code === 'unrecognized_keys') return describeUnknown(issue.keys, known);
  if (issue.code === 'invalid_type' && valueAt(input, issue.path) === undefined) return `${where} is missing.`;
  if (issue.code === 'invalid_type') return `${where} must be ${EXPECTATIONS[issue.expected] ?? `a ${issue.expected}`}.`;
  if (issue.code === 'invalid_value') return `${where} must be one of ${issue.values.map(String).join(', ')}.`;
  if (issue.code === 'too_small') return `${where} is too small or too short; at least ${issue.minimum} is needed.`;
  if (issue.code === 'too_big') return `${where} is too large or too long; at most ${issue.maximum} is allowed.`;
  return `${where} ${issue.message}.`;
}

/**
 * One sentence for each problem of a failed parse.
 * @param error what zod found; messages written by a schema continue the sentence "<field> ..."
 * @param input what was parsed
 * @param known the field names there are, to recognise a camelCase spelling of one
 */
export function describeProblems(error: z.ZodError, input: unknown, known: ReadonlySet<string> = new Set()): string {
  return error.issues.map((issue) => describeProblem(issue, input, known)).join(' ');
}
