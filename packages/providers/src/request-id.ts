/** Where the vendors put their id of a call, in the order of looking. */
const HEADERS = ['x-request-id', 'request-id', 'x-goog-request-id'] as const;

/** @returns the vendor's id of the call, or null when it gives none */
export function readRequestId(headers: Headers): string | null {
  for (const name of HEADERS) {
    const value = headers.get(name);
    if (value) return value.slice(0, 200);
  }
  return null;
}
