import path from 'node:path';
import { startConsole } from '@ai-core/console';
import { PROVIDER_NAMES } from '@ai-core/core';
import { startDevS3, startPostgres } from '@ai-core/embedded';
import { readAlertTarget, readWebhookPolicy, startGateway } from '@ai-core/gateway';
import { migrateQueue } from '@ai-core/queue';
import { createLog, readObjectStore, type Environment, type Logger, type ObjectStoreSettings } from '@ai-core/runtime';
import { ensureFirstAdmin, ensureFirstApiKey, migrate, openDatabase, setUpProviders } from '@ai-core/store';
import { hasAccess, readProviderAccess, readTrainingSettings, simulatedAccess, startWorker, type ProviderAccess } from '@ai-core/worker';
import { checkDemandedPort, choosePort, type PortWish } from './choose-port.ts';
import { claimDataFolder } from './claim-data-folder.ts';
import { openReachable } from './connect.ts';
import { readOrMakeS3Key, readOrMakeSealKey } from './data-folder-keys.ts';
import { reachQueue } from './reach-queue.ts';
import { removeRunning, writeRunning, type Running } from './running.ts';
import { startSimulatorProcess } from './simulator-process.ts';

export interface OneMachineOptions {
  readonly environment: Environment;
  readonly dataFolder: string;
  /** A port that must be free; undefined = the configured one, or the next free one when it is taken. */
  readonly port?: number | undefined;
  readonly consolePort?: number | undefined;
  /** Told of each step, for people who wait. */
  readonly note: (text: string) => void;
}

export interface OneMachine {
  readonly running: Running;
  readonly sealKey: string;
  /** Why the providers are emulated; null = they are real. */
  readonly simulatedBecause: string | null;
  /** The first admin, when there was none; the password is shown once and must be changed. */
  readonly firstAdmin: { readonly name: string; readonly password: string } | null;
  /** The first API key, when there was none; it is shown once. */
  readonly firstApiKey: string | null;
  stop(): Promise<void>;
}

interface Step {
  readonly stop: () => Promise<unknown>;
}

/**
 * Starts everything AI Core is on one machine: what the environment does not name is brought along (Postgres, an object store, the
 * provider simulator), the database is migrated, and gateway, console and worker run in this process.
 */
export async function startOneMachine(options: OneMachineOptions): Promise<OneMachine> {
  const { environment, dataFolder, note } = options;
  const claim = claimDataFolder(dataFolder);
  const log = createLog({ level: environment.AI_CORE_LOG_LEVEL, name: 'ai-core', file: path.join(dataFolder, 'logs', 'ai-core.log') });
  // First in, last out: the folder is free once everything on it has stopped.
  const steps: Step[] = [{ stop: () => Promise.resolve(claim.release()) }];
  async function stopAll(): Promise<void> {
    for (const step of steps.toReversed())
      await step.stop().catch((error: unknown) => log.warn({ err: error }, 'a service did not stop in order'));
  }

  try {
    return await startServices({ ...options, log, steps, stopAll, note });
  } catch (error) {
    await stopAll();
    throw error;
  }
}

interface StartContext extends OneMachineOptions {
  readonly log: Logger;
  readonly steps: Step[];
  readonly stopAll: () => Promise<void>;
}

async function startServices(context: StartContext): Promise<OneMachine> {
  const { environment, dataFolder, log, steps, stopAll, note } = context;
  const doors = findDoors(context);
  // Told before anything is started, and again when the door opens.
  for (const door of Object.values(doors)) await checkDemandedPort(door);
  const databaseUrl = await startDatabase(context);
  const s3 = await startObjectStore(context);
  const { access, simulatorUrl, simulatedBecause } = await findProviders(context);
  const simulated = simulatorUrl !== null;
  const redisUrl = environment.REDIS_URL;

  const { applied } = await migrate({ databaseUrl, also: migrateQueue });
  if (applied.length > 0) note(`database migrated (${applied.length} steps)`);
  await setUpProviders({ databaseUrl, catalogue: 'current' });

  const connections = { databaseUrl, redisUrl };
  const sealKey = readOrMakeSealKey(environment, dataFolder);
  // A worker waits for a Redis that is away; here nobody would learn why nothing happens.
  if (redisUrl !== undefined) await reachQueue(connections);
  const worker = await startWorker({
    ...connections,
    roles: environment.AI_CORE_ROLES,
    access,
    s3,
    sealKey,
    training: readTrainingSettings(environment),
    batches: { maxAgeMs: environment.AI_CORE_BATCH_WAIT_S * 1_000 },
    spoolFolder: path.join(dataFolder, 'spool'),
    log: log.child({ part: 'worker' }),
  });
  steps.push({ stop: () => worker.stop({ graceMs: 5_000 }) });

  const { host } = doors.gateway;
  const gatewayPort = await choosePort(doors.gateway);
  const webhooks = readWebhookPolicy(environment.AI_CORE_WEBHOOK_HOSTS);
  const gateway = await startGateway({
    ...connections,
    host,
    port: gatewayPort,
    simulated,
    s3,
    sealKey,
    backlog: { perCaller: environment.AI_CORE_MOST_WAITING_PER_CALLER, perQueue: environment.AI_CORE_MOST_WAITING },
    webhooks,
    alerts: readAlertTarget(environment.AI_CORE_ALERT_WEBHOOK_URL, environment.AI_CORE_ALERT_WEBHOOK_SECRET, webhooks),
    log: log.child({ part: 'gateway' }),
  });
  steps.push({ stop: () => gateway.close() });

  const { firstAdmin, firstApiKey } = await makeFirstLogins(databaseUrl);
  const consolePort = await choosePort(doors.console);
  const console = await startConsole({
    ...connections,
    host,
    port: consolePort,
    simulated,
    sealKey,
    s3,
    log: log.child({ part: 'console' }),
  });
  steps.push({ stop: () => console.close() });

  const running: Running = {
    pid: process.pid,
    databaseUrl,
    redisUrl: redisUrl ?? null,
    simulated,
    gatewayUrl: gateway.url,
    consoleUrl: console.url,
    simulatorUrl,
    s3,
  };
  writeRunning(dataFolder, running);
  return {
    running,
    sealKey,
    simulatedBecause,
    firstAdmin,
    firstApiKey,
    async stop() {
      removeRunning(dataFolder, process.pid);
      await stopAll();
    },
  };
}

function findDoors({ environment, port, consolePort, note }: StartContext): Record<'gateway' | 'console', PortWish> {
  const host = environment.AI_CORE_HOST;
  return {
    gateway: { host, door: 'gateway', option: '--port', demanded: port, usual: environment.AI_CORE_PORT, note },
    console: { host, door: 'console', option: '--console-port', demanded: consolePort, usual: environment.AI_CORE_CONSOLE_PORT, note },
  };
}

async function makeFirstLogins(databaseUrl: string): Promise<Pick<OneMachine, 'firstAdmin' | 'firstApiKey'>> {
  const database = openDatabase({ url: databaseUrl, maxConnections: 1 });
  try {
    return { firstAdmin: await ensureFirstAdmin(database), firstApiKey: await ensureFirstApiKey(database) };
  } finally {
    await database.close();
  }
}

async function startDatabase({ environment, dataFolder, log, steps, note }: StartContext): Promise<string> {
  if (environment.DATABASE_URL !== undefined) {
    await openReachable(environment.DATABASE_URL).then((database) => database.close());
    return environment.DATABASE_URL;
  }
  note('starting PostgreSQL');
  const postgres = await startPostgres({ dir: path.join(dataFolder, 'postgres'), log: (line) => log.debug({ part: 'postgres' }, line) });
  steps.push({ stop: () => postgres.stop() });
  return postgres.url;
}

async function startObjectStore({ environment, dataFolder, log, steps }: StartContext): Promise<ObjectStoreSettings> {
  const named = readObjectStore(environment);
  if (named !== undefined) return named;
  const { S3_REGION: region, S3_BUCKET: bucket } = environment;
  const key = readOrMakeS3Key(dataFolder);
  const s3 = await startDevS3({
    dir: path.join(dataFolder, 's3'),
    credentials: { [key.accessKeyId]: key.secretAccessKey },
    buckets: [bucket],
    log: (line) => log.debug({ part: 's3' }, line),
  });
  steps.push({ stop: () => s3.close() });
  return { endpoint: s3.url, region, bucket, ...key, forcePathStyle: true, publicEndpoint: undefined };
}

interface Providers {
  readonly access: ProviderAccess;
  readonly simulatorUrl: string | null;
  readonly simulatedBecause: string | null;
}

/** Real providers where a key is set; otherwise, or when asked to, emulated ones. */
async function findProviders({ environment, dataFolder, steps, note }: StartContext): Promise<Providers> {
  const access = readProviderAccess(environment);
  const anyKey = PROVIDER_NAMES.some((name) => hasAccess(name, access));
  if (anyKey && !environment.AI_CORE_SIMULATE) return { access, simulatorUrl: null, simulatedBecause: null };
  const simulatedBecause = anyKey ? 'AI_CORE_SIMULATE is set' : 'no provider key is set';
  note(`${simulatedBecause}: starting the provider simulator`);
  const simulator = await startSimulatorProcess(dataFolder);
  steps.push({ stop: () => simulator.stop() });
  return { access: simulatedAccess(simulator.baseUrls), simulatorUrl: simulator.url, simulatedBecause };
}
