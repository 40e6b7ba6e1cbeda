import { randomUUID, type KeyObject } from 'node:crypto';
import { createSealKey, parseSealKey } from '@ai-core/core';
import { CHANGES_TOPIC, openQueue, type QueueBackend } from '@ai-core/queue';
import {
  createAdmission,
  createHitWriter,
  createMemoryLookup,
  createSnapshotCache,
  openDatabase,
  openObjects,
  type Admission,
  type AdmissionRequest,
  type Database,
  type HitWriter,
  type MemoryHit,
  type MemoryKey,
  type ObjectsOptions,
  type SnapshotCache,
} from '@ai-core/store';
import type { BacklogLimits } from './refuse-backlog.ts';
import { createRecognised, type Recognised } from './recognised.ts';
import { createRemembered, type Remembered } from './remembered.ts';
import { createSounds, type Sounds } from './sounds.ts';
import { createStreamRoom, type StreamRoom } from './stream-room.ts';
import { createWaitingRoom, type WaitingRoom } from './waiting-room.ts';

export interface AiCoreOptions {
  readonly databaseUrl: string;
  /** Set: the queue lives on Redis. Not set: in Postgres. Must be the workers' choice. */
  readonly redisUrl?: string | undefined;
  /** The object store of MP3s; must be the workers'. Not needed by backends that never ask for speech. */
  readonly s3?: ObjectsOptions | undefined;
  /** Start of every Redis key; must be the workers' own. */
  readonly redisPrefix?: string | undefined;
  /** True where the providers are emulated: such answers and their money are kept apart from real ones. */
  readonly simulated?: boolean | undefined;
  /** Name of this backend in the accounts; default `library`. */
  readonly caller?: string | undefined;
  /**
   * Seals personal data that is taken out of requests, 32 bytes in base64 or hex; the same for every process that may deliver an
   * answer. Not set: a key of this process's own, so that only this process can put the data back.
   */
  readonly sealKey?: string | undefined;
  /** Connections to Postgres; default 10. */
  readonly maxConnections?: number | undefined;
  /** Undelivered jobs of this caller a queue may hold; the rest wait in the ledger. Default 200. */
  readonly dispatchWindow?: number | undefined;
  /** Jobs that may wait in one queue, of this caller (default 200,000) and of all (default 1,000,000). Beyond that new work is refused. */
  readonly backlog?: { readonly perCaller?: number | undefined; readonly perQueue?: number | undefined } | undefined;
  /** Told of trouble that cures itself: a lost connection, a hint that could not be sent. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Everything a producer process holds, opened once. */
export interface Connections {
  readonly database: Database;
  readonly queue: QueueBackend;
  readonly inbox: string;
  readonly simulated: boolean;
  readonly caller: string;
  readonly dispatchWindow: number;
  readonly backlog: BacklogLimits;
  readonly sealKey: KeyObject;
  readonly snapshots: SnapshotCache;
  readonly recognised: Recognised;
  readonly remembered: Remembered;
  readonly sounds: Sounds;
  readonly findMemory: (key: MemoryKey) => Promise<MemoryHit | null>;
  readonly admit: (request: AdmissionRequest) => Promise<Admission>;
  readonly hits: HitWriter;
  readonly waitingRoom: WaitingRoom;
  readonly streamRoom: StreamRoom;
  readonly onError: (error: unknown) => void;
  /** Writes down what is not yet in the accounts and closes everything. Further calls wait for the first. */
  close(): Promise<void>;
}

/** Opens the connections of a producer. Nothing is contacted but Redis, where it is used; Postgres connects with the first request. */
export async function openConnections(options: AiCoreOptions): Promise<Connections> {
  const onError = options.onError ?? (() => undefined);
  const database = openDatabase({
    url: options.databaseUrl,
    maxConnections: options.maxConnections,
    applicationName: 'ai-core producer',
    statementTimeoutMs: 6_000,
    onError,
  });
  const queue = await openQueue({
    databaseUrl: options.databaseUrl,
    redisUrl: options.redisUrl,
    redisPrefix: options.redisPrefix,
    maxConnections: 4,
    onError,
  });
  const objects = options.s3 === undefined ? undefined : openObjects(options.s3);
  const inbox = randomUUID();
  const remembered = createRemembered();
  const snapshots = createSnapshotCache(database);
  const hits = createHitWriter({ database, onError });
  const waitingRoom = createWaitingRoom({ database, messages: queue.messages, inbox, onError });

  function forgetCopies(): void {
    remembered.clear();
    snapshots.invalidate();
  }
  queue.messages.subscribe(CHANGES_TOPIC, forgetCopies, forgetCopies).catch(onError);

  let closing: Promise<void> | undefined;
  async function closeAll(): Promise<void> {
    await hits.close().catch(onError);
    await waitingRoom.close();
    await queue.close();
    await database.close();
    objects?.close();
  }

  return {
    database,
    queue,
    inbox,
    simulated: options.simulated ?? false,
    caller: options.caller ?? 'library',
    dispatchWindow: options.dispatchWindow ?? 200,
    backlog: { perCaller: options.backlog?.perCaller ?? 200_000, perQueue: options.backlog?.perQueue ?? 1_000_000 },
    sealKey: parseSealKey(options.sealKey ?? createSealKey()),
    snapshots,
    recognised: createRecognised(),
    remembered,
    sounds: createSounds(database, objects),
    findMemory: createMemoryLookup(database),
    admit: createAdmission(database),
    hits,
    waitingRoom,
    streamRoom: createStreamRoom({ messages: queue.messages, onError }),
    onError,
    close: () => (closing ??= closeAll()),
  };
}
