/** One line of POST /v1/bulk: a text or speech request as JSON. */
import { AiCoreError } from './errors.ts';
import { parseAudioRequest, parseTextRequest } from './request-schema.ts';
import type { AudioRequest, TextRequest } from './request-schema.ts';

export const BULK_LIMITS = {
  /** Requests in one call. */
  requests: 10_000,
  /** UTF-16 units of one line. */
  lineCharacters: 1_000_000,
} as const;

export type BulkRequest =
  | { readonly kind: 'text'; readonly request: TextRequest }
  | { readonly kind: 'audio'; readonly request: AudioRequest };

function parseLine(line: string): BulkRequest {
  if (line.length > BULK_LIMITS.lineCharacters) {
    throw new AiCoreError('TOO_LARGE', `the line has ${line.length} characters; at most ${BULK_LIMITS.lineCharacters} are allowed.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // The parser's own message quotes the line.
    throw new AiCoreError('REQUEST_INVALID', 'the line is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new AiCoreError('REQUEST_INVALID', 'the line is not a JSON object.');
  const { kind, ...request } = value as Record<string, unknown>;
  const named = kind ?? ('text' in request ? 'audio' : 'text');
  if (named === 'text') return { kind: 'text', request: parseTextRequest(request) };
  if (named === 'audio') return { kind: 'audio', request: parseAudioRequest(request) };
  throw new AiCoreError('REQUEST_INVALID', 'kind must be text or audio.');
}

/**
 * Reads one line. `kind` may be left out: a line with `text` is speech, one with `prompt` is text.
 * @param number the line's number, from 1, for the message
 * @throws AiCoreError REQUEST_INVALID or TOO_LARGE that names the line
 */
export function parseBulkLine(line: string, number: number): BulkRequest {
  try {
    return parseLine(line);
  } catch (error) {
    const failure = AiCoreError.from(error);
    throw new AiCoreError(failure.code, `line ${number}: ${failure.reason}`, { cause: error });
  }
}
