/** Any origin will do: it only shows whether an address stays on it. */
const HERE = 'http://console.invalid';

/**
 * Where to go after a login: an address on this server, or the start page. A link such as `//evil.example` or `/\evil.example`
 * must not lead away.
 */
export function toSafeNext(given: string): string {
  if (!given.startsWith('/') || !URL.canParse(given, HERE)) return '/';
  const target = new URL(given, HERE);
  if (target.origin !== HERE || target.pathname.startsWith('//')) return '/';
  return `${target.pathname}${target.search}`;
}
