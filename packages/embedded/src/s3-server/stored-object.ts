import type { Checksums } from './checksum.ts';

/** What is known of an object beside its bytes; lies as JSON next to them. */
export interface StoredObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** With its quotation marks. */
  readonly etag: string;
  /** ISO 8601. */
  readonly modified: string;
  /** Headers that every response repeats: content type, cache control, user metadata. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the whole object. */
  readonly checksums: Checksums;
  readonly tags: Readonly<Record<string, string>>;
  /** Name of the file with the bytes, in the bucket's folder. A new version gets a new file, so that readers keep theirs. */
  readonly file: string;
}

/** An object whose bytes have no place yet. */
export type NewObject = Omit<StoredObject, 'modified' | 'file'>;
