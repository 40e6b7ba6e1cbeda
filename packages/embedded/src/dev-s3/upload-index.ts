import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Checksums } from './checksums.ts';
import { keyBytes, keyText, type Tags } from './object-index.ts';
import { doAtomically } from './open-index.ts';
import { S3Error } from './s3-error.ts';

/** What a multipart upload will give its object. */
export interface UploadRecord {
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Tags;
  readonly begunMs: number;
}

export interface PartRecord {
  /** Name of the data file. */
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** Hex; in quotation marks it is the part's ETag. */
  readonly md5: string;
  readonly checksums: Checksums;
  readonly modifiedMs: number;
}

export interface UploadAddress {
  readonly bucket: string;
  readonly key: string;
  readonly id: string;
}

/** Multipart uploads that are neither complete nor aborted; they outlive a restart. */
export class UploadIndex {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  begin(bucket: string, key: string, record: UploadRecord): string {
    const id = randomUUID();
    this.#database
      .prepare('insert into uploads (id, bucket, key, record) values (?, ?, ?, ?)')
      .run(id, bucket, keyBytes(key), JSON.stringify(record));
    return id;
  }

  /** @throws S3Error `NoSuchUpload` */
  require({ bucket, key, id }: UploadAddress): UploadRecord {
    const row = this.#database.prepare('select record from uploads where id = ? and bucket = ? and key = ?').get(id, bucket, keyBytes(key));
    if (row === undefined) throw new S3Error('NoSuchUpload');
    return JSON.parse(String(row['record'])) as UploadRecord;
  }

  list(bucket: string): { key: string; id: string; record: UploadRecord }[] {
    const rows = this.#database.prepare('select id, key, record from uploads where bucket = ? order by key, id').all(bucket);
    return rows.map((row) => ({
      key: keyText(row['key']),
      id: String(row['id']),
      record: JSON.parse(String(row['record'])) as UploadRecord,
    }));
  }

  /** Adds or replaces a part. @returns the data file that is not needed any more @throws S3Error `NoSuchUpload` */
  putPart(address: UploadAddress, number: number, part: PartRecord): string | undefined {
    this.require(address);
    const old = this.#database
      .prepare(`select record ->> 'file' as file from parts where upload = ? and number = ?`)
      .get(address.id, number);
    const statement = this.#database.prepare(
      'insert into parts (upload, number, record) values (?, ?, ?) on conflict (upload, number) do update set record = excluded.record',
    );
    statement.run(address.id, number, JSON.stringify(part));
    return old === undefined ? undefined : String(old['file']);
  }

  /** @returns the parts by number, in ascending order @throws S3Error `NoSuchUpload` */
  listParts(address: UploadAddress): Map<number, PartRecord> {
    this.require(address);
    const rows = this.#database.prepare('select number, record from parts where upload = ? order by number').all(address.id);
    return new Map(rows.map((row) => [Number(row['number']), JSON.parse(String(row['record'])) as PartRecord]));
  }

  /**
   * Ends an upload together with what makes of it an object; an abort makes nothing.
   * @returns the data files of its parts, which are not needed any more @throws S3Error `NoSuchUpload`
   */
  end(address: UploadAddress, finish: () => void = () => undefined): string[] {
    return doAtomically(this.#database, () => {
      const files = [...this.listParts(address).values()].map((part) => part.file);
      finish();
      this.#database.prepare('delete from uploads where id = ?').run(address.id);
      return files;
    });
  }
}
