import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Checksums } from './checksums.ts';
import { S3Error } from './s3-error.ts';

export type Tags = readonly (readonly [key: string, value: string])[];

/** What is known of an object besides bucket and key. */
export interface ObjectRecord {
  /** Name of the data file, see ObjectFiles. */
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** With its quotation marks. */
  readonly etag: string;
  readonly modifiedMs: number;
  /** Headers that are answered as they were given. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the whole object. */
  readonly checksums: Checksums;
  readonly tags: Tags;
}

export interface ListedObject {
  readonly key: string;
  readonly record: ObjectRecord;
}

export interface Bucket {
  readonly name: string;
  readonly createdMs: number;
}

export function keyBytes(key: string): Buffer {
  return Buffer.from(key, 'utf8');
}

export function keyText(value: SQLOutputValue | undefined): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : '';
}

/** Which objects exist. Every change is one transaction, and nothing here awaits: a check and the change after it are one step. */
export class ObjectIndex {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Makes a bucket that does not exist. @throws S3Error `InvalidBucketName` */
  addBucket(name: string, nowMs: number): void {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name)) throw new S3Error('InvalidBucketName');
    this.#database.prepare('insert into buckets (name, created_ms) values (?, ?) on conflict do nothing').run(name, nowMs);
  }

  /** @throws S3Error `NoSuchBucket` */
  requireBucket(name: string): void {
    if (this.#database.prepare('select 1 from buckets where name = ?').get(name) === undefined) throw new S3Error('NoSuchBucket');
  }

  listBuckets(): Bucket[] {
    const rows = this.#database.prepare('select name, created_ms from buckets order by name').all();
    return rows.map((row) => ({ name: String(row['name']), createdMs: Number(row['created_ms']) }));
  }

  /** @throws S3Error `NoSuchBucket`, `BucketNotEmpty` (unfinished uploads count, too) */
  removeBucket(name: string): void {
    this.requireBucket(name);
    const used = this.#database.prepare(
      'select 1 from objects where bucket = :name union all select 1 from uploads where bucket = :name limit 1',
    );
    if (used.get({ name }) !== undefined) throw new S3Error('BucketNotEmpty');
    this.#database.prepare('delete from buckets where name = ?').run(name);
  }

  /** @throws S3Error `NoSuchBucket` */
  find(bucket: string, key: string): ObjectRecord | undefined {
    this.requireBucket(bucket);
    const row = this.#database.prepare('select record from objects where bucket = ? and key = ?').get(bucket, keyBytes(key));
    return row === undefined ? undefined : readRecord(row['record']);
  }

  /** @throws S3Error `NoSuchBucket`, `NoSuchKey` */
  require(bucket: string, key: string): ObjectRecord {
    const record = this.find(bucket, key);
    if (record === undefined) throw new S3Error('NoSuchKey');
    return record;
  }

  /** Adds or replaces an object. @returns the data file that is not needed any more, if there is one */
  put(bucket: string, key: string, record: ObjectRecord): string | undefined {
    const old = this.find(bucket, key);
    const statement = this.#database.prepare(
      'insert into objects (bucket, key, record) values (?, ?, ?) on conflict (bucket, key) do update set record = excluded.record',
    );
    statement.run(bucket, keyBytes(key), JSON.stringify(record));
    return old === undefined || old.file === record.file ? undefined : old.file;
  }

  /** @returns the data file that is not needed any more, if there was an object */
  remove(bucket: string, key: string): string | undefined {
    const old = this.find(bucket, key);
    if (old !== undefined) this.#database.prepare('delete from objects where bucket = ? and key = ?').run(bucket, keyBytes(key));
    return old?.file;
  }

  /** Walks through a bucket in the order of the keys' bytes. @param from first key, or where it would be */
  *scan(bucket: string, from: Uint8Array): Generator<ListedObject, void> {
    const statement = this.#database.prepare('select key, record from objects where bucket = ? and key >= ? order by key');
    for (const row of statement.iterate(bucket, from)) yield { key: keyText(row['key']), record: readRecord(row['record']) };
  }

  /** @returns the data files of all objects and parts */
  listFiles(): Set<string> {
    const rows = this.#database
      .prepare(`select record ->> 'file' as file from objects union all select record ->> 'file' from parts`)
      .all();
    return new Set(rows.map((row) => String(row['file'])));
  }
}

function readRecord(value: SQLOutputValue | undefined): ObjectRecord {
  return JSON.parse(String(value)) as ObjectRecord;
}
