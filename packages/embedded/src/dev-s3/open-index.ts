import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Keys are blobs: they sort by their UTF-8 bytes, as S3 lists them, and may hold any character. What an object is beside its key
 * is one JSON text, see ObjectRecord.
 */
export const SCHEMA = `
  create table if not exists buckets (name text primary key, created_ms integer not null) strict;
  create table if not exists objects (
    bucket text not null references buckets, key blob not null, record text not null,
    primary key (bucket, key)
  ) strict, without rowid;
  create table if not exists uploads (id text primary key, bucket text not null references buckets, key blob not null, record text not null) strict;
  create table if not exists parts (
    upload text not null references uploads on delete cascade, number integer not null, record text not null,
    primary key (upload, number)
  ) strict, without rowid;
`;

/** SQLite's own code for a database that somebody else has locked. */
const BUSY = 5;
/** A server that is being restarted may still be closing. */
const LOCK_PATIENCE_MS = 500;

/**
 * Opens the index of a folder and locks it for as long as it is open; the system takes the lock away from a process that dies.
 * @param fast whether to go on before the disk has confirmed a change
 * @throws Error when another server uses the folder
 */
export function openIndex(dir: string, fast: boolean): DatabaseSync {
  mkdirSync(dir, { recursive: true });
  const database = new DatabaseSync(path.join(dir, 'index.sqlite'), { enableForeignKeyConstraints: true, timeout: LOCK_PATIENCE_MS });
  try {
    database.exec(`pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = ${fast ? 'off' : 'full'}; ${SCHEMA}`);
    // The lock comes with the first write, and must be there before anything in the folder is tidied up.
    database.exec('begin immediate; commit');
    return database;
  } catch (error) {
    database.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === BUSY) {
      throw new Error(`another S3 server uses the folder ${dir}: stop it, or give this one a folder of its own`, { cause: error });
    }
    throw error;
  }
}

/** Does all of the work or none of it. The work must not await anything. */
export function doAtomically<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('begin immediate');
  try {
    const result = work();
    database.exec('commit');
    return result;
  } catch (error) {
    database.exec('rollback');
    throw error;
  }
}
