import { hostname } from 'node:os';
import { MAINTENANCE_QUEUE, parseSealKey, type ProviderName } from '@ai-core/core';
import { createAiCore, type AiCore } from '@ai-core/producer';
import type { Provider } from '@ai-core/providers';
import { openQueue, type Consumer } from '@ai-core/queue';
import {
  createClaims,
  createSettle,
  createSnapshotCache,
  openDatabase,
  isUnavailable,
  openNamedLocks,
  openObjects,
  registerWorker,
  type ObjectsOptions,
  type WorkerRegistry,
} from '@ai-core/store';
import { consumeMaintenance, consumeProviderQueue, declareSchedules } from './consume-queues.ts';
import { openHealthDoor } from './health-door.ts';
import { settleSpool } from './handlers/settle-spool.ts';
import { startSweeper } from './handlers/sweep.ts';
import { loadProvider, type ProviderSource } from './load-provider.ts';
import { keepOwnAffairs } from './own-affairs.ts';
import { watchProgress, type Readiness } from './progress.ts';
import { decideRoles, type ProviderAccess, type Roles } from './roles.ts';
import type { BatchSettings, Log, Services, WorkerSettings } from './services.ts';
import { openSpool } from './spool.ts';
import { createTextStreams } from './text-streams.ts';
import { decideTraining, type TrainingSettings } from './training-settings.ts';

export interface WorkerOptions extends Partial<Omit<WorkerSettings, 'batches'>> {
  /** How texts of the batch lane are collected and looked after. */
  readonly batches?: Partial<BatchSettings> | undefined;
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  readonly redisPrefix?: string | undefined;
  /** `all`, or names of roles separated by commas. */
  readonly roles: string;
  readonly access: ProviderAccess;
  /** The object store of MP3s, the producers' own. Without it no speech queue is served. */
  readonly s3?: ObjectsOptions | undefined;
  /** Opens personal data that has to be said; the producers' own. Without it such a request fails here. */
  readonly sealKey?: string | undefined;
  /** What models are trained with; absent = providers' fine-tuning with the keys of `access`. */
  readonly training?: Partial<TrainingSettings> | undefined;
  /** Folder of paid answers that could not be settled yet. */
  readonly spoolFolder: string;
  /** Calls this process makes at the same time, per queue. Default 20. */
  readonly concurrency?: number | undefined;
  /** Connections to the ledger; default 10. */
  readonly maxConnections?: number | undefined;
  readonly log: Log;
  /** Where orchestrators ask how this worker is; absent: nowhere. */
  readonly health?: { readonly host: string; readonly port: number } | undefined;
  /** How long work may wait in front of a free place before this worker calls itself stuck, in milliseconds. Default 15,000. */
  readonly stuckAfterMs?: number | undefined;
  /** URL of a module with adapters that replace the built-in ones: for benches and crash tests. */
  readonly providersModule?: string | undefined;
}

export interface Worker {
  readonly roles: Roles;
  workerId(): string;
  /** Whether it gets on with its work. */
  readiness(): Promise<Readiness>;
  /** Port of its health door; undefined without one. */
  readonly healthPort: number | undefined;
  /**
   * Stops in order: no new job at once, calls under way may finish until `graceMs`, then they are cut and their jobs handed back.
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;
}

/** Collecting for ten minutes costs nobody in the batch lane anything; larger batches only take longer to read again after a crash. */
const BATCH_DEFAULTS: BatchSettings = {
  maxRequests: 5_000,
  maxBytes: 16 * 1024 * 1024,
  maxAgeMs: 600_000,
  pollMs: 60_000,
  doubtMs: 15 * 60_000,
};

/** Time for calls under way when the process is asked to stop. With the hand-back after it the process ends within 25 s. */
const GRACE_MS = 20_000;
const HAND_BACK_MS = 3_000;

/** Starts a worker in this process: it serves the queues of its roles until it is stopped. */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { log } = options;
  const roles = decideRoles(options.roles, options.access, options.s3 !== undefined);
  for (const role of roles.withoutKey) log.warn({ role }, 'this role has no provider key here and is not served');
  for (const role of roles.withoutStore) log.warn({ role }, 'this role needs an object store, see S3_ENDPOINT, and is not served');
  const onError = (error: Error): void => log.debug({ err: error }, 'a connection has trouble; it cures itself');

  const database = openDatabase({
    url: options.databaseUrl,
    maxConnections: options.maxConnections ?? 10,
    applicationName: 'ai-core worker',
    onError,
  });
  const queue = await openQueue({
    databaseUrl: options.databaseUrl,
    redisUrl: options.redisUrl,
    redisPrefix: options.redisPrefix,
    maxConnections: roles.queues.length + 6,
    onError,
  });
  const registry: WorkerRegistry = await registerPatiently(log, () =>
    registerWorker({
      url: options.databaseUrl,
      roles: [...roles.queues.map((entry) => entry.queue), ...(roles.maintenance ? [MAINTENANCE_QUEUE] : [])],
      onError,
      onReborn: () => log.warn({ worker: registry.workerId() }, 'this worker had been declared dead and has registered again'),
    }),
  );

  const objects = options.s3 === undefined ? undefined : openObjects(options.s3);
  const locks = openNamedLocks({ url: options.databaseUrl });
  const handBack = new AbortController();
  let stopping = false;
  const adapters = new Map<ProviderName, Promise<Provider>>();

  const aiCores = new Map<boolean, Promise<AiCore>>();
  function aiCoreFor(simulated: boolean): Promise<AiCore> {
    const { databaseUrl, redisUrl, redisPrefix } = options;
    let aiCore = aiCores.get(simulated);
    if (aiCore === undefined) {
      aiCore = createAiCore({ databaseUrl, redisUrl, redisPrefix, simulated, caller: 'ai-core', maxConnections: 2 });
      aiCores.set(simulated, aiCore);
    }
    return aiCore;
  }

  const providerSource: ProviderSource = { access: options.access, providersModule: options.providersModule };
  function providerFor(name: ProviderName): Promise<Provider> {
    let adapter = adapters.get(name);
    if (adapter === undefined) {
      adapter = loadProvider(name, providerSource);
      adapters.set(name, adapter);
    }
    return adapter;
  }

  const services: Services = {
    database,
    queue,
    snapshots: createSnapshotCache(database),
    objects,
    sealKey: options.sealKey === undefined ? undefined : parseSealKey(options.sealKey),
    log,
    workerId: registry.workerId,
    held: new Set(),
    claim: createClaims(database, registry.workerId),
    settle: createSettle(database, registry.workerId),
    spool: openSpool(options.spoolFolder),
    locks,
    textStreams: createTextStreams({
      messages: queue.messages,
      onError: (error) => log.debug({ err: error }, 'a piece of a streamed text could not be sent'),
    }),
    servedQueues: new Set(roles.queues.map((entry) => entry.queue)),
    providerSource,
    providerFor,
    handBack: handBack.signal,
    isStopping: () => stopping,
    training: decideTraining(options),
    aiCoreFor,
    settings: {
      dispatchWindow: options.dispatchWindow ?? 200,
      unknownGraceMs: options.unknownGraceMs ?? 15 * 60_000,
      callTimeoutMs: options.callTimeoutMs ?? 120_000,
      batches: { ...BATCH_DEFAULTS, ...options.batches },
    },
  };

  // Before anybody takes over what the last process on this disk has paid for.
  await settleSpool(services).catch((error: unknown) => log.error({ err: error }, 'the spool could not be settled'));
  const concurrency = options.concurrency ?? 20;
  const progress = watchProgress({
    database,
    queue,
    isLeaseHeld: registry.isHeld,
    queues: roles.queues.map((entry) => entry.queue),
    concurrency,
    stuckAfterMs: options.stuckAfterMs ?? STUCK_AFTER_MS,
  });
  const affairs = keepOwnAffairs(services);
  const consumers: Consumer[] = [];
  for (const { queue: name, kind } of roles.queues) {
    consumers.push(await consumeProviderQueue(services, { queue: name, kind, concurrency, progress }));
  }
  if (roles.maintenance) {
    consumers.push(await consumeMaintenance(services));
    void declareSchedules(services);
  }
  const sweeper = roles.maintenance ? startSweeper(services) : undefined;
  const door = options.health && (await openHealthDoor({ ...options.health, readiness: progress.check }));
  log.info(
    { worker: registry.workerId(), host: hostname(), queues: roles.queues.map((entry) => entry.queue), maintenance: roles.maintenance },
    'worker started',
  );

  async function stop({ graceMs = GRACE_MS }: { readonly graceMs?: number } = {}): Promise<void> {
    if (stopping) return;
    stopping = true;
    await Promise.all(consumers.map((consumer) => consumer.pause().catch(() => undefined)));
    await door?.close();
    await sweeper?.stop();
    for (const affair of affairs) clearInterval(affair);
    const closed = Promise.all(consumers.map((consumer) => consumer.close().catch(() => undefined)));
    const cut = setTimeout(() => handBack.abort(), graceMs);
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, graceMs + HAND_BACK_MS).unref())]);
    clearTimeout(cut);
    for (const aiCore of aiCores.values()) await aiCore.then((opened) => opened.close()).catch(() => undefined);
    await registry.close();
    await queue.close().catch(() => undefined);
    await database.close().catch(() => undefined);
    await locks.close();
    objects?.close();
    log.info({}, 'worker stopped');
  }

  return { roles, workerId: registry.workerId, readiness: progress.check, healthPort: door?.port, stop };
}

const STUCK_AFTER_MS = 15_000;
const REGISTER_AGAIN_MS = 1_000;

/** A worker that is started while Postgres is away waits for it: a fleet must come back by itself in whatever order. */
async function registerPatiently(log: Log, register: () => Promise<WorkerRegistry>): Promise<WorkerRegistry> {
  for (let told = false; ; told = true) {
    try {
      return await register();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      if (!told) log.warn({ err: error }, 'Postgres is away; the worker waits for it');
      await new Promise((resolve) => setTimeout(resolve, REGISTER_AGAIN_MS));
    }
  }
}
