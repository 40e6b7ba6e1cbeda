import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ProviderName } from '@ai-core/core';
import { startDevS3 } from '@ai-core/embedded';
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
import { startMortalPostgres, startMortalRedis, type MortalPostgres, type MortalRedis } from './mortal-servers.ts';
import { mountSmallDisk } from './small-disk.ts';
import { startSimulatorProcess, type SimulatorProcess } from './simulator-process.ts';
import { layWire, type Wire } from './wire.ts';
import { setUpWorkerClocks, type WorkerClocks } from './worker-clocks.ts';

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
  readonly postgres: MortalPostgres;
  readonly redis: MortalRedis;
  readonly clocks: WorkerClocks;
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

/** Room for the data of the longest run and the gigabyte that its log may grow to. */
const DISK_MB = 2_048;
const BUCKET = 'sounds';
const MINUTE_MS = 60_000;

/** What has to be prepared for the acts of a run. */
export interface Ordeals {
  /** Workers, each with a clock of its own. */
  readonly workers: number;
  readonly fillsDisk: boolean;
  readonly setsClocks: boolean;
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
export async function startServices(seed: number, { workers, fillsDisk, setsClocks }: Ordeals): Promise<Services> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-crash-lab-'));
  // As root the database server runs as another user, who must be able to enter; its own folder stays closed.
  chmodSync(folder, 0o755);
  let keepsFolder = false;
  const remove = (): void => {
    if (!keepsFolder) rmSync(folder, { recursive: true, force: true });
  };
  const disk = fillsDisk ? mountSmallDisk(path.join(folder, 'disk'), DISK_MB) : undefined;
  process.once('exit', () => {
    if (!keepsFolder) disk?.unmount();
  });
  process.once('exit', remove);
  const redisFolder = path.join(folder, 'redis');
  mkdirSync(redisFolder);
  const billFile = path.join(folder, 'bill.jsonl');
  const key = { accessKeyId: 'crash-lab', secretAccessKey: randomUUID() };
  const [postgres, redis, simulator, objectServer] = await Promise.all([
    startMortalPostgres(path.join(folder, 'disk', 'postgres'), disk),
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
    clocks: setUpWorkerClocks({ places: workers, folder, wanted: setsClocks }),
    simulator,
    database,
    objects,
    databaseNow: () => Date.now() - clockOffsetMs,
    log: openSync(path.join(folder, 'processes.log'), 'a'),
    keepFolder: () => void (keepsFolder = true),
    async stop() {
      await database.close();
      objects.close();
      await Promise.all(Object.values(wires).map((wire) => wire.stop()));
      await Promise.all([postgres.stop(), redis.stop(), simulator.stop(), objectServer.close()]);
    },
  };
}
