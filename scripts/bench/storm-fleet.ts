/** A whole AI Core of its own for one bench: an empty database, emulated providers, worker processes. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startDevS3 } from '@ai-core/embedded';
import { createAiCore, type AiCore, type AiCoreOptions } from '@ai-core/producer';
import { migrateQueue } from '@ai-core/queue';
import { startSimulator, type Simulator } from '@ai-core/simulator';
import { migrate, openDatabase, setUpProviders, type Database, type ObjectsOptions } from '@ai-core/store';
import { simulatedAccess, type WorkerOptions } from '@ai-core/worker';
import { startWorkerProcess, type Child } from '../child-process.ts';
import type { BenchServices } from './bench.ts';

export interface StormFleet {
  readonly connections: { readonly databaseUrl: string; readonly redisUrl: string; readonly redisPrefix: string };
  readonly database: Database;
  readonly simulator: Simulator;
  readonly s3: ObjectsOptions;
  openWorker(options: Pick<WorkerOptions, 'roles' | 'concurrency'>): Promise<Child>;
  openAiCore(options: Partial<AiCoreOptions>): Promise<AiCore>;
  stop(): Promise<void>;
}

/** @param latencyMs how long every emulated call takes */
export async function startStormFleet({ databaseUrl: serverUrl, redisUrl }: BenchServices, latencyMs: number): Promise<StormFleet> {
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-storm-'));
  const name = `storm_${randomUUID().replaceAll('-', '')}`;
  const server = openDatabase({ url: serverUrl, maxConnections: 1 });
  await server.pool.query(`create database ${name}`);
  const databaseUrl = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href;
  await migrate({ databaseUrl, also: migrateQueue });
  await setUpProviders({ databaseUrl, catalogue: 'current' });
  const simulator = await startSimulator({ port: 0, speech: 'tiled' });
  simulator.control().setLatency({ latency: { fixedMs: latencyMs } });
  const bucket = 'bench';
  const credentials = { accessKeyId: 'bench', secretAccessKey: randomUUID() };
  const objects = await startDevS3({
    dir: path.join(folder, 's3'),
    credentials: { [credentials.accessKeyId]: credentials.secretAccessKey },
    buckets: [bucket],
    fast: true,
  });
  const s3 = { endpoint: objects.url, bucket, region: 'us-east-1', ...credentials };
  const connections = { databaseUrl, redisUrl, redisPrefix: `{bench-${name}}` };
  const database = openDatabase({ url: databaseUrl, maxConnections: 2 });
  const opened: { stop(): Promise<void> }[] = [];
  return {
    connections,
    database,
    simulator,
    s3,
    async openWorker(options) {
      const access = simulatedAccess(simulator.baseUrls);
      const worker = await startWorkerProcess({ ...connections, s3, access, spoolFolder: path.join(folder, randomUUID()), ...options });
      opened.push(worker);
      return worker;
    },
    async openAiCore(options) {
      const aiCore = await createAiCore({ ...connections, s3, simulated: true, ...options });
      opened.push({ stop: () => aiCore.close() });
      return aiCore;
    },
    async stop() {
      for (const one of opened.toReversed()) await one.stop();
      await simulator.close();
      await objects.close();
      await database.close();
      await server.pool.query(`drop database ${name} with (force)`);
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
