import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSealKey } from '@ai-core/core';
import { startGateway, type Gateway, type GatewayOptions } from '@ai-core/gateway';
import { createLog } from '@ai-core/runtime';
import { createAiCore, type AiCore, type AiCoreOptions } from '@ai-core/producer';
import { startSimulator, type Simulator, type SimulatorOptions } from '@ai-core/simulator';
import {
  createApiKey,
  openObjects,
  setUpProviders,
  type ApiKeyRole,
  type Database,
  type NewApiKey,
  type Objects,
  type ObjectsOptions,
} from '@ai-core/store';
import { createTestDatabase } from '@ai-core/store/testing';
import { simulatedAccess, startWorker, type Worker, type WorkerOptions } from '@ai-core/worker';
import { inject } from 'vitest';

export interface FleetOptions {
  readonly queue: 'redis' | 'postgres';
  /** A Redis of the test's own instead of the test run's, because the test takes it away. */
  readonly redisUrl?: string | undefined;
  readonly roles?: string;
  readonly worker?: Partial<WorkerOptions>;
  readonly simulator?: SimulatorOptions;
}

/** A whole AI Core of its own for one test file: database, simulator, worker, producer. */
export interface Fleet {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  readonly redisPrefix: string;
  readonly database: Database;
  readonly simulator: Simulator;
  /** The object store of speech: a bucket of the test run, shared by every file. */
  readonly s3: ObjectsOptions;
  readonly objects: Objects;
  readonly worker: Worker;
  readonly aiCore: AiCore;
  openAiCore(options?: Partial<AiCoreOptions>): Promise<AiCore>;
  openWorker(options?: Partial<WorkerOptions>): Promise<Worker>;
  /** An HTTP door on any free port. */
  openGateway(options?: Partial<GatewayOptions>): Promise<Gateway>;
  /** @returns a new API key */
  makeKey(name: string, role?: ApiKeyRole, limits?: Partial<NewApiKey>): Promise<string>;
  stop(): Promise<void>;
}

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Roles of the text providers that the simulator emulates, and maintenance. */
export const TEXT_ROLES = 'text-openai,text-claude,maintenance';

/** Roles of the speech providers that the simulator emulates, and maintenance. */
export const AUDIO_ROLES = 'audio-elevenlabs,audio-google-tts,audio-gemini,audio-openai,maintenance';

export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  await setUpProviders({ databaseUrl: test.url, catalogue: 'current' });
  const simulator = await startSimulator({ port: 0, ...options.simulator });
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-fleet-'));
  const redisUrl = options.queue === 'redis' ? (options.redisUrl ?? inject('redisUrl')) : undefined;
  const redisPrefix = `{fleet-${randomUUID()}}`;
  const s3: ObjectsOptions = inject('s3');
  const objects = openObjects(s3);
  const connections = { databaseUrl: test.url, redisUrl, redisPrefix };
  // The same for every process, so that one opens what another has sealed.
  const sealKey = createSealKey();
  const opened: { stop(): Promise<unknown> }[] = [];

  async function openWorker(more: Partial<WorkerOptions> = {}): Promise<Worker> {
    const worker = await startWorker({
      ...connections,
      s3,
      sealKey,
      roles: options.roles ?? TEXT_ROLES,
      access: simulatedAccess(simulator.baseUrls),
      spoolFolder: path.join(folder, `spool-${randomUUID()}`),
      log: silent,
      ...options.worker,
      ...more,
    });
    opened.push({ stop: () => worker.stop({ graceMs: 500 }) });
    return worker;
  }

  async function openAiCore(more: Partial<AiCoreOptions> = {}): Promise<AiCore> {
    const aiCore = await createAiCore({ ...connections, s3, sealKey, simulated: true, caller: 'test', ...more });
    opened.push({ stop: () => aiCore.close() });
    return aiCore;
  }

  async function openGateway(more: Partial<GatewayOptions> = {}): Promise<Gateway> {
    const log = createLog({ level: 'silent', name: 'gateway' });
    const gateway = await startGateway({ ...connections, host: '127.0.0.1', port: 0, simulated: true, s3, sealKey, log, ...more });
    opened.push({ stop: () => gateway.close() });
    return gateway;
  }

  async function makeKey(name: string, role: ApiKeyRole = 'app', limits: Partial<NewApiKey> = {}): Promise<string> {
    const fresh = { name, role, scopes: null, requestsPerMinute: null, actor: 'test', ...limits };
    return (await createApiKey(test.database, fresh)).key;
  }

  const worker = await openWorker();
  const aiCore = await openAiCore();
  return {
    ...connections,
    s3,
    objects,
    database: test.database,
    simulator,
    worker,
    aiCore,
    openAiCore,
    openWorker,
    openGateway,
    makeKey,
    async stop() {
      for (const one of opened.toReversed()) await one.stop();
      objects.close();
      await simulator.close();
      await test.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
