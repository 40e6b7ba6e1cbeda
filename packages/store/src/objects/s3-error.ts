import { AiCoreError } from '@ai-core/core';

const RETRY_AFTER_MS = 1_000;
/** The bytes were damaged on their way: sent again they may arrive. */
const DAMAGED = new Set([
  'BadDigest',
  'InvalidDigest',
  'XAmzContentSHA256Mismatch',
  'XAmzContentChecksumMismatch',
  'IncompleteBody',
  'RequestTimeout',
]);

interface Refusal {
  /** S3's code, or the name of an error of the client. */
  readonly name: string;
  /** Of a network error. */
  readonly code: string;
  /** HTTP status; undefined when there was no answer. */
  readonly status: number | undefined;
}

function textOf(error: object, field: string): string {
  const value: unknown = Reflect.get(error, field);
  return typeof value === 'string' ? value : '';
}

/** What the SDK throws, as far as it is of use here. */
export function readRefusal(error: unknown): Refusal {
  if (typeof error !== 'object' || error === null) return { name: '', code: '', status: undefined };
  const metadata: unknown = Reflect.get(error, '$metadata');
  const status: unknown = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined;
  return { name: textOf(error, 'name'), code: textOf(error, 'code'), status: typeof status === 'number' ? status : undefined };
}

function unavailable(reason: string, cause: unknown): AiCoreError {
  return new AiCoreError('STORE_UNAVAILABLE', `the object store ${reason}`, { cause, retryAfterMs: RETRY_AFTER_MS });
}

/**
 * Maps what the SDK throws to the error table. The message names S3's code, never a key, a link or a secret.
 * @param bucket named where it is missing
 */
export function toObjectError(error: unknown, bucket: string): AiCoreError {
  if (AiCoreError.is(error)) return error;
  const { name, code, status } = readRefusal(error);
  if (name === 'NoSuchBucket') return unavailable(`has no bucket ${JSON.stringify(bucket)}`, error);
  if (name === 'CredentialsProviderError') return unavailable('cannot be used: there are no credentials for it', error);
  if (name === 'AbortError' || name === 'TimeoutError') return unavailable('did not answer in time', error);
  if (status === undefined) return unavailable(`cannot be reached (${code || name || 'connection lost'})`, error);
  if (status === 401 || status === 403) return unavailable(`refused the credentials or the right to do this (${name})`, error);
  if (status === 404) return unavailable(`has no bucket ${JSON.stringify(bucket)}`, error);
  if (status >= 500 || status === 429 || status === 409 || DAMAGED.has(name)) {
    return unavailable(`could not take the request just now (${name}, HTTP ${status})`, error);
  }
  if (status === 416) return new AiCoreError('REQUEST_INVALID', 'the range of bytes lies outside of the object', { cause: error });
  return new AiCoreError('INTERNAL', `the object store refused a request (${name}, HTTP ${status})`, { cause: error });
}
