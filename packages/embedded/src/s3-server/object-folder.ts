import { createHash, randomUUID } from 'node:crypto';
import {
  copyFileSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { createBucketIndex, type BucketIndex } from './bucket-index.ts';
import { S3Error } from './s3-error.ts';
import type { NewObject, StoredObject } from './stored-object.ts';

/**
 * Objects as files: `<bucket>/<2 hex>/<hash of the key>.json` tells what an object is, `<hash>.<version>.bin` beside it holds its
 * bytes. Hashed names make every key possible: `a` beside `a/b`, `../up`, any script.
 */
export interface ObjectFolder {
  /** True when bytes are to be flushed to the disk before they are promised. */
  readonly durable: boolean;
  buckets(): readonly { readonly name: string; readonly created: Date }[];
  /** Makes a bucket, or leaves the one there is. @throws S3Error InvalidBucketName */
  makeBucket(name: string): void;
  /** @throws S3Error NoSuchBucket, BucketNotEmpty */
  removeBucket(name: string): void;
  /** @throws S3Error NoSuchBucket */
  bucket(name: string): Pick<BucketIndex, 'get' | 'sorted'>;
  /** @throws S3Error NoSuchBucket, NoSuchKey */
  object(bucket: string, key: string): StoredObject;
  /** Opens an object's bytes; the descriptor stays good when the object is replaced or removed meanwhile. */
  openBytes(bucket: string, object: StoredObject): number;
  /** A name for a file of one's own, to be handed to `commit` or removed. */
  temporaryFile(): string;
  /**
   * Makes a file the bytes of an object, replacing what was there: readers see all of the old or all of the new object.
   * Runs without a pause, so that what the caller checked just before still holds.
   */
  commit(bucket: string, object: NewObject, file: string): StoredObject;
  /** Like `commit`, with the bytes of another object. */
  commitCopy(bucket: string, object: NewObject, source: { readonly bucket: string; readonly object: StoredObject }): StoredObject;
  /** Changes an object's description. */
  describe(bucket: string, object: StoredObject): void;
  remove(bucket: string, key: string): void;
}

export interface ObjectFolderOptions {
  readonly dir: string;
  /** Skip the flush to the disk; for tests. */
  readonly fast: boolean;
  readonly log: (line: string) => void;
}

const BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

interface Names {
  readonly description: string;
  /** A new name at every call. */
  newBytes(): string;
}

function namesOf(key: string): Names {
  const hash = createHash('sha256').update(key).digest('hex');
  const stem = path.join(hash.slice(0, 2), hash);
  return { description: `${stem}.json`, newBytes: () => `${stem}.${randomUUID().slice(0, 8)}.bin` };
}

/** Reads a bucket's folder; bytes that no description names are left over from a crash and go. */
function readBucket(folder: string, log: (line: string) => void): BucketIndex {
  const index = createBucketIndex();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const known = new Set<string>();
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    try {
      const object = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as StoredObject;
      statSync(path.join(folder, object.file));
      known.add(object.file);
      index.set(object);
    } catch (error) {
      log(`the object described by ${path.join(folder, file)} is damaged and left out: ${String(error)}`);
    }
  }
  for (const file of files) if (file.endsWith('.bin') && !known.has(file)) rmSync(path.join(folder, file), { force: true });
  return index;
}

/** A hard link where the file system has them: the bytes of an object never change. */
function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** Opens a folder of objects; whatever was being written when it was last used is gone. */
export function openObjectFolder({ dir, fast, log }: ObjectFolderOptions): ObjectFolder {
  const temporary = path.join(dir, '.tmp');
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(temporary, { recursive: true });
  const indexes = new Map<string, BucketIndex>();
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory() && BUCKET_NAME.test(entry.name)) indexes.set(entry.name, readBucket(path.join(dir, entry.name), log));
  }

  function indexOf(bucket: string): BucketIndex {
    const index = indexes.get(bucket);
    if (!index) throw new S3Error('NoSuchBucket');
    return index;
  }
  const place = (bucket: string, file: string): string => path.join(dir, bucket, file);
  const temporaryFile = (): string => path.join(temporary, randomUUID());

  function describe(bucket: string, object: StoredObject): void {
    const index = indexOf(bucket);
    const draft = temporaryFile();
    writeFileSync(draft, JSON.stringify(object), { flush: !fast });
    renameSync(draft, place(bucket, namesOf(object.key).description));
    index.set(object);
  }

  function commitBytes(bucket: string, object: NewObject, put: (target: string) => void): StoredObject {
    const old = indexOf(bucket).get(object.key);
    const file = namesOf(object.key).newBytes();
    mkdirSync(path.dirname(place(bucket, file)), { recursive: true });
    put(place(bucket, file));
    const stored: StoredObject = { ...object, modified: new Date().toISOString(), file };
    describe(bucket, stored);
    if (old) rmSync(place(bucket, old.file), { force: true });
    return stored;
  }

  return {
    durable: !fast,
    buckets: () =>
      [...indexes.keys()].toSorted().map((name) => {
        const stats = statSync(path.join(dir, name));
        return { name, created: stats.birthtimeMs > 0 ? stats.birthtime : stats.ctime };
      }),
    makeBucket(name) {
      if (!BUCKET_NAME.test(name)) throw new S3Error('InvalidBucketName');
      if (indexes.has(name)) return;
      mkdirSync(path.join(dir, name), { recursive: true });
      indexes.set(name, createBucketIndex());
    },
    removeBucket(name) {
      if (indexOf(name).size > 0) throw new S3Error('BucketNotEmpty');
      rmSync(path.join(dir, name), { recursive: true, force: true });
      indexes.delete(name);
    },
    bucket: indexOf,
    object(bucket, key) {
      const object = indexOf(bucket).get(key);
      if (!object) throw new S3Error('NoSuchKey');
      return object;
    },
    openBytes: (bucket, object) => openSync(place(bucket, object.file), 'r'),
    temporaryFile,
    commit: (bucket, object, file) => commitBytes(bucket, object, (target) => renameSync(file, target)),
    commitCopy: (bucket, object, source) =>
      commitBytes(bucket, object, (target) => linkOrCopy(place(source.bucket, source.object.file), target)),
    describe,
    remove(bucket, key) {
      const index = indexOf(bucket);
      const object = index.get(key);
      if (!object) return;
      rmSync(place(bucket, namesOf(key).description), { force: true });
      index.delete(key);
      rmSync(place(bucket, object.file), { force: true });
    },
  };
}
