import type { SpeechFormat } from '@ai-core/core';
/** The object store: what is too large for a row. Objects are immutable; the key of a sound holds the hash of its bytes. */
import type { Readable } from 'node:stream';

export interface ObjectFacts {
  readonly contentType: string;
  /** Of the bytes, lower-case hex; the bytes are refused when they have another one. */
  readonly sha256: string;
}

export interface ObjectInfo {
  readonly bytes: number;
  readonly contentType: string | undefined;
  /** As it was given with the bytes; absent for objects that somebody else wrote. */
  readonly sha256: string | undefined;
  readonly modifiedAt: Date;
}

export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly modifiedAt: Date;
}

/** Bytes `start` to `end`, both included and counted from 0; without `end` to the last one. Or the last so many bytes. */
export type ByteRange = { readonly start: number; readonly end?: number | undefined } | { readonly last: number };

export interface OpenedObject {
  /** Read it or destroy it: it holds a connection. Fails with STORE_UNAVAILABLE when the store stops sending. */
  readonly stream: Readable;
  /** Of this stream. */
  readonly bytes: number;
  /** Of the whole object. */
  readonly totalBytes: number;
  /** First byte of this stream within the object. */
  readonly start: number;
  readonly contentType: string | undefined;
}

export interface PresignOptions {
  /** 1 to 900 seconds. */
  readonly expiresS: number;
  /** Scheme, host and port that the link shall name, instead of the one the store was opened with. */
  readonly publicEndpoint?: string | undefined;
}

/**
 * Every call has a deadline and fails with AiCoreError STORE_UNAVAILABLE, which names the object store, when that is away, refuses the
 * credentials or has no such bucket; retried later, nothing is lost.
 */
export interface Objects {
  /**
   * Writes an object once: of several writers of one key the first wins, and an object that is there already is fine.
   * @param body a stream is read once and never held whole; what it throws comes out of this call
   * @returns whether this call has written it
   * @throws AiCoreError INTERNAL when the bytes do not have the given SHA-256; nothing is stored then
   */
  put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, facts: ObjectFacts): Promise<{ created: boolean }>;
  /**
   * @returns undefined when there is no such object
   * @throws AiCoreError REQUEST_INVALID when the range lies outside of the object
   */
  get(key: string, range?: ByteRange): Promise<OpenedObject | undefined>;
  /** @returns undefined when there is no such object */
  head(key: string): Promise<ObjectInfo | undefined>;
  /** Also fine when there is no such object. */
  delete(key: string): Promise<void>;
  /** All objects whose key begins so, in order of their keys, however many. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /**
   * A link with which anybody may read one object for a while; made without a call, so the object need not exist.
   * @throws RangeError for an expiry outside of 1 to 900 seconds
   */
  presign(key: string, options: PresignOptions): Promise<string>;
  /** Whether the bucket can be reached with these credentials: throws when not. */
  ping(): Promise<void>;
  /** Closes idle connections. */
  close(): void;
}

/** What any audio object's key begins with: simulated and real sounds never share one. */
export function objectPrefix(simulated: boolean): string {
  return `audio/${simulated ? 'simulated' : 'real'}/`;
}

/**
 * The key of a sound: its content decides it, so the same sound is stored once.
 * @param sha256 of the file, lower-case hex
 * @param format default mp3
 * @throws RangeError when it is no SHA-256
 */
export function objectKey({ simulated, sha256, format = 'mp3' }: { simulated: boolean; sha256: string; format?: SpeechFormat }): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new RangeError('The SHA-256 of an object must be 64 lower-case hexadecimal digits.');
  return `${objectPrefix(simulated)}${sha256.slice(0, 2)}/${sha256}.${format}`;
}
