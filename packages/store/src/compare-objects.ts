import { formatOfFile } from '@ai-core/core';
import type { Database, Statement } from './database.ts';
import { objectKey, objectPrefix, type ListedObject, type Objects } from './objects.ts';

/** Where objects and rows disagree. */
export type ObjectDifference =
  /** An object that no row names. Answers that are not remembered have no row for a day. */
  | { readonly kind: 'orphan'; readonly object: ListedObject; readonly sha256: string; readonly simulated: boolean }
  /** A current row whose object is missing, or has another size than the row says. */
  | { readonly kind: 'dangling'; readonly sha256: string; readonly simulated: boolean; readonly bytes: number | null };

interface Row {
  sha256: string;
  bytes: bigint;
  current: boolean;
}

const PAGE = 1_000;
const ROWS: Statement = {
  name: 'memory_sounds',
  text: `select m.audio_sha256 as sha256, max(m.audio_bytes) as bytes, bool_or(m.is_current) as current from ai_memory m
    where m.audio_sha256 > $2 and m.simulated = $1 group by m.audio_sha256 order by m.audio_sha256 limit ${PAGE}`,
};

async function* listRows(database: Database, simulated: boolean): AsyncGenerator<Row> {
  for (let after = ''; ;) {
    const rows = await database.query<Row>(ROWS, [simulated, after]);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.sha256;
  }
}

interface Sound {
  readonly object: ListedObject;
  readonly sha256: string;
}

/** The objects whose keys are ours; what somebody else has put beside them is none of our business. */
async function* listSounds(objects: Objects, simulated: boolean): AsyncGenerator<Sound> {
  for await (const object of objects.list(objectPrefix(simulated))) {
    const sha256 = /\/([0-9a-f]{64})\.[0-9a-z]+$/.exec(object.key)?.[1];
    if (sha256 !== undefined && object.key === objectKey({ simulated, sha256, format: formatOfFile(object.key) })) yield { object, sha256 };
  }
}

/**
 * Compares the object store with the memory rows, both in the order of their hashes, so that neither has to fit into memory.
 * What is written while it runs may be reported although it is right: look again before acting on it.
 */
export async function* compareObjects(database: Database, objects: Objects): AsyncGenerator<ObjectDifference> {
  for (const simulated of [false, true]) yield* compareKind(database, objects, simulated);
}

async function* compareKind(database: Database, objects: Objects, simulated: boolean): AsyncGenerator<ObjectDifference> {
  const rows = listRows(database, simulated);
  const sounds = listSounds(objects, simulated);
  let row = await rows.next();
  let sound = await sounds.next();
  while (row.done !== true || sound.done !== true) {
    const rowKey = row.done === true ? null : row.value.sha256;
    const soundKey = sound.done === true ? null : sound.value.sha256;
    if (row.done !== true && (soundKey === null || row.value.sha256 < soundKey)) {
      if (row.value.current) yield { kind: 'dangling', sha256: row.value.sha256, simulated, bytes: null };
      row = await rows.next();
    } else if (sound.done !== true && (rowKey === null || sound.value.sha256 < rowKey)) {
      yield { kind: 'orphan', ...sound.value, simulated };
      sound = await sounds.next();
    } else if (row.done !== true && sound.done !== true) {
      const { bytes } = sound.value.object;
      if (row.value.current && BigInt(bytes) !== row.value.bytes) yield { kind: 'dangling', sha256: row.value.sha256, simulated, bytes };
      row = await rows.next();
      sound = await sounds.next();
    }
  }
}
