const HIDDEN = '[secret]';
/** Deeper than anything we log on purpose; what hangs on an error of somebody's library may even be circular. */
const MAX_DEPTH = 8;

/** Names of fields that hold a credential, wherever they stand. */
const SECRET_NAME = /^(proxy-)?authorization$|api[-_]?key|password|passphrase|secret|^(set-)?cookie$|(^|[-_a-z])token$/i;
/** Credentials inside of texts: keys of vendors, bearer tokens, passwords in addresses. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/\b(?:sk|pk|rk|xi)[-_][A-Za-z0-9_*-]{8,}/g, HIDDEN],
  [/\bAIza[A-Za-z0-9_-]{20,}/g, HIDDEN],
  [/\b(Bearer|Basic) [A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${HIDDEN}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s@/]+@/gi, `$1:${HIDDEN}@`],
];

function maskText(text: string): string {
  return SECRET_TEXTS.reduce((masked, [pattern, replacement]) => masked.replaceAll(pattern, replacement), text);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** What an error says, what caused it, and what a library hung on it: there, headers of requests hold keys. */
function describeError(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const errors: unknown = error instanceof AggregateError ? error.errors : undefined;
  return { ...Object.fromEntries(Object.entries(error)), type: name, message, stack, cause, errors };
}

/**
 * A copy of a value that can stand in a log: 64-bit amounts as text, since a JSON number would round them, and no credential, neither in a
 * field of a telling name nor inside of a text.
 * @param value anything; instances of classes other than errors, arrays and plain objects are left as they are
 */
export function toLoggable(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return maskText(value);
  if (value === null || typeof value !== 'object') return value;
  if (depth >= MAX_DEPTH) return '[deep]';
  if (Array.isArray(value)) return value.map((entry) => toLoggable(entry, depth + 1));
  if (value instanceof Error) return toLoggable(describeError(value), depth + 1);
  if (!isPlain(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [
      name,
      // Only texts: `tokens: 12` and `hasPassword: true` tell nothing.
      SECRET_NAME.test(name) && (typeof entry === 'string' || Array.isArray(entry)) ? HIDDEN : toLoggable(entry, depth + 1),
    ]),
  );
}
