import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ProviderName } from '@ai-core/core';
import { findFreePort, startDevS3, startPostgres, startRedis } from '@ai-core/embedded';
import { migrateQueue } from '@ai-core/queue';
import {
  measureClockOffsetMs,
  migrate,
  openDatabase,
  openObjects,
  setUpProviders,
  type Database,
  type Objects,
  type ObjectsOptions,
} from '@ai-core/store';
import { Redis } from 'ioredis';
import { layWire, type Wire } from './wire.ts';
import { startSimulatorProcess, type SimulatorProcess } from './simulator-process.ts';

/** A server that can be killed and comes back with its data on the same port. */
export interface MortalServer {
  readonly url: string;
  /** Kills the server at once, leaves it away for a while and starts it again. */
  killFor(outageMs: number): Promise<void>;
}

/** What the system under test reaches over a network. */
export const WIRE_NAMES = ['postgres', 'redis', 'objects', 'provider'] as const;
export type WireName = (typeof WIRE_NAMES)[number];

/** How workers and producers reach everything: each address is the end of a wire. */
export interface Addresses {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly s3: ObjectsOptions;
  readonly baseUrls: Readonly<Record<ProviderName, string>>;
}

/** Everything the system under test stands on. */
export interface Services {
  readonly folder: string;
  readonly billFile: string;
  readonly wires: Readonly<Record<WireName, Wire>>;
  readonly addresses: Addresses;
  readonly postgres: MortalServer;
  readonly redis: MortalServer & { flush(): Promise<void> };
  readonly simulator: SimulatorProcess;
  /** The lab's own connections; never hit on purpose, but a dying server takes them along. */
  readonly database: Database;
  readonly objects: Objects;
  /** The database's clock now, in milliseconds since the epoch. */
  databaseNow(): number;
  /** Open file for what workers and producers complain of. */
  readonly log: number;
  /** The folder stays when this process ends: there is something to look into. */
  keepFolder(): void;
  stop(): Promise<void>;
}

/** Name of the lab's own connections in pg_stat_activity. */
export const LAB_APPLICATION = 'crash-lab';

const RESTART_PATIENCE_MS = 60_000;
const RETRY_MS = 100;
const BUCKET = 'sounds';
const MINUTE_MS = 60_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a server again; what the killed one leaves behind (backends that are just ending) may take a moment. */
async function startAgain<Server>(start: () => Promise<Server>): Promise<Server> {
  const deadline = performance.now() + RESTART_PATIENCE_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}

async function startMortalPostgres(dir: string): Promise<MortalServer & { stop(): Promise<void> }> {
  // As in production, with fsync: what was committed must survive.
  let server = await startPostgres({ dir });
  const { url, port } = server;
  return {
    url,
    async killFor(outageMs) {
      process.kill(server.pid, 'SIGKILL');
      await sleep(outageMs);
      server = await startAgain(() => startPostgres({ dir, port }));
    },
    stop: () => server.stop(),
  };
}

async function startMortalRedis(folder: string): Promise<Services['redis'] & { stop(): Promise<void> }> {
  let server = await startRedis({ folder, port: await findFreePort() });
  const { url, port } = server;
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => RETRY_MS });
  // Its death is the point of the exercise.
  client.on('error', () => undefined);

  async function readPid(): Promise<number> {
    const found = /^process_id:(\d+)/m.exec(await client.info('server'));
    if (found === null) throw new Error('Redis does not tell its process id');
    return Number(found[1]);
  }
  let pid = await readPid();
  return {
    url,
    async killFor(outageMs) {
      process.kill(pid, 'SIGKILL');
      await sleep(outageMs);
      server = await startAgain(() => startRedis({ folder, port }));
      pid = await readPid();
    },
    flush: async () => void (await client.flushall()),
    async stop() {
      client.disconnect();
      await server.stop();
    },
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** The same address, by way of a wire. */
function over(wire: Wire, address: string): string {
  const url = new URL(address);
  url.port = String(wire.port);
  // A URL without a path gets one; base URLs are joined with paths of their own.
  return address.endsWith('/') ? url.href : url.href.replace(/\/$/, '');
}

function mapValues<Name extends string, From, To>(record: Readonly<Record<Name, From>>, map: (value: From) => To): Record<Name, To> {
  return Object.fromEntries(Object.entries<From>(record).map(([name, value]) => [name, map(value)])) as Record<Name, To>;
}

/** Starts Postgres, Redis, the object store and the simulator in a folder of their own and sets up an empty AI Core. */
export async function startServices(seed: number): Promise<Services> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-crash-lab-'));
  // As root the database server runs as another user, who must be able to enter; its own folder stays closed.
  chmodSync(folder, 0o755);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  const redisFolder = path.join(folder, 'redis');
  mkdirSync(redisFolder);
  const billFile = path.join(folder, 'bill.jsonl');
  const key = { accessKeyId: 'crash-lab', secretAccessKey: randomUUID() };
  const [postgres, redis, simulator, objectServer] = await Promise.all([
    startMortalPostgres(path.join(folder, 'postgres')),
    startMortalRedis(redisFolder),
    startSimulatorProcess(String(seed), billFile),
    startDevS3({ dir: path.join(folder, 'objects'), credentials: { [key.accessKeyId]: key.secretAccessKey }, buckets: [BUCKET] }),
  ]);
  await migrate({ databaseUrl: postgres.url, also: migrateQueue });
  await setUpProviders({ databaseUrl: postgres.url, catalogue: 'current' });
  const database = openDatabase({ url: postgres.url, maxConnections: 4, statementTimeoutMs: MINUTE_MS, applicationName: LAB_APPLICATION });
  const s3: ObjectsOptions = { endpoint: objectServer.url, region: 'us-east-1', bucket: BUCKET, ...key };
  const objects = openObjects(s3);
  const wires: Services['wires'] = {
    postgres: await layWire(portOf(postgres.url)),
    redis: await layWire(portOf(redis.url)),
    objects: await layWire(objectServer.port),
    provider: await layWire(portOf(simulator.baseUrls.openai)),
  };
  const clockOffsetMs = await measureClockOffsetMs(database);
  return {
    folder,
    billFile,
    postgres,
    wires,
    addresses: {
      databaseUrl: over(wires.postgres, postgres.url),
      redisUrl: over(wires.redis, redis.url),
      s3: { ...s3, endpoint: over(wires.objects, objectServer.url) },
      baseUrls: mapValues(simulator.baseUrls, (url) => over(wires.provider, url)),
    },
    redis,
    simulator,
    database,
    objects,
    databaseNow: () => Date.now() - clockOffsetMs,
    log: openSync(path.join(folder, 'processes.log'), 'a'),
    keepFolder: () => void process.off('exit', remove),
    async stop() {
      await database.close();
      objects.close();
      await Promise.all(Object.values(wires).map((wire) => wire.stop()));
      await Promise.all([postgres.stop(), redis.stop(), simulator.stop(), objectServer.close()]);
    },
  };
}
