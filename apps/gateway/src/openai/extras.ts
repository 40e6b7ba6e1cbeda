/** Fields of AI Core's own that travel beside OpenAI's: in `metadata`, or as headers `x-ai-core-...`. */
import { AiCoreError } from '@ai-core/core';
import type { FastifyRequest } from 'fastify';

const asText = (value: string): unknown => value;
const asNumber = (value: string): unknown => (/^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value);
const asFlag = (value: string): unknown => (value === 'true' ? true : value === 'false' ? false : value);
const asList = (value: string): unknown =>
  value
    .split(',')
    .map((entry) => decode(entry.trim()))
    .filter((entry) => entry !== '');

/** Names of people need more than a header's letters: they may be percent-encoded. */
function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Every field there is, and how its text is read. Whether it is right is checked with the request. */
const EXTRAS = {
  language: asText,
  request_type: asText,
  scope: asText,
  cache: asText,
  max_age_s: asNumber,
  lane: asText,
  priority: asNumber,
  deadline_s: asNumber,
  wait_s: asNumber,
  user_id: asText,
  user_category: asText,
  endpoint: asText,
  max_cost_usd: asText,
  fallback: asFlag,
  known_names: asList,
} as const satisfies Record<string, (value: string) => unknown>;

const HEADER = 'x-ai-core-';

/** For the documentation of a route. */
export const EXTRA_HEADERS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(EXTRAS).map((name) => [`${HEADER}${name.replaceAll('_', '-')}`, `as ${name} of POST /v1/text; may also stand in metadata`]),
);

/**
 * Reads the fields that AI Core knows; other metadata is the caller's own and is left alone. A header wins over metadata.
 * @throws REQUEST_INVALID for a header x-ai-core-... that means nothing, or one that was sent twice
 */
export function readExtras(
  request: FastifyRequest,
  metadata: Readonly<Record<string, string>> | null | undefined,
): Record<string, unknown> {
  const extras: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(metadata ?? {}))
    if (Object.hasOwn(EXTRAS, name)) extras[name] = EXTRAS[name as keyof typeof EXTRAS](value);
  for (const [header, value] of Object.entries(request.headers)) {
    if (!header.startsWith(HEADER) || value === undefined) continue;
    const name = header.slice(HEADER.length).replaceAll('-', '_');
    if (!Object.hasOwn(EXTRAS, name) || Array.isArray(value)) {
      const known = Object.keys(EXTRA_HEADERS).join(', ');
      throw new AiCoreError('REQUEST_INVALID', `a header that begins with ${HEADER} is not known or was sent twice; there are ${known}`);
    }
    extras[name] = EXTRAS[name as keyof typeof EXTRAS](value);
  }
  return extras;
}
