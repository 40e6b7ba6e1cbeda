import { AiCoreError } from '@ai-core/core';
import { openDatabase, type Database } from '@ai-core/store';
import { readObjectStore, type Environment } from '@ai-core/runtime';
import { readOrMakeSealKey } from './data-folder-keys.ts';
import { findRunning } from './running.ts';
import type { Connection } from './verb.ts';

/** Names the service by its address, never by its password. */
function describeFailure(databaseUrl: string, cause: unknown): string {
  const { host, pathname } = new URL(databaseUrl);
  return `Postgres at ${host}${pathname} cannot be reached (${AiCoreError.from(cause).reason})`;
}

/**
 * Opens a database that answers: fails here, with the service's name, rather than in the middle of a verb.
 * @throws STORE_UNAVAILABLE
 */
export async function openReachable(databaseUrl: string): Promise<Database> {
  const database = openDatabase({ url: databaseUrl, maxConnections: 4, applicationName: 'ai-core cli', statementTimeoutMs: 60_000 });
  try {
    await database.query({ name: 'ping', text: 'select 1 as ok' });
    return database;
  } catch (cause) {
    await database.close().catch(() => undefined);
    throw new AiCoreError('STORE_UNAVAILABLE', describeFailure(databaseUrl, cause), { cause });
  }
}

/**
 * Connects to the AI Core that the environment names, or else to the one that runs on the data folder.
 * @throws STORE_UNAVAILABLE when there is none, naming the service
 */
export async function connect(environment: Environment, dataFolder: string): Promise<Connection> {
  const running = findRunning(dataFolder);
  const databaseUrl = environment.DATABASE_URL ?? running?.databaseUrl;
  if (databaseUrl === undefined) {
    throw new AiCoreError('STORE_UNAVAILABLE', `no AI Core runs on the data folder ${dataFolder}, and DATABASE_URL is not set`);
  }
  const database = await openReachable(databaseUrl);
  return {
    database,
    databaseUrl,
    redisUrl: environment.REDIS_URL ?? running?.redisUrl ?? undefined,
    simulated: running?.simulated ?? environment.AI_CORE_SIMULATE,
    simulatorUrl: running?.simulatorUrl ?? undefined,
    s3: readObjectStore(environment) ?? running?.s3,
    sealKey: readOrMakeSealKey(environment, dataFolder),
  };
}
