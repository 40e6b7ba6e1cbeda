import { randomUUID } from 'node:crypto';
import { createApiKey, openDatabase } from '@ai-core/store';
import { startGatewayProcess, type GatewayProcess } from '../child-process.ts';
import type { BenchServices } from './bench.ts';
import { startStubWorker } from './stub-worker.ts';

export interface BenchGateway {
  /** Of this run alone: in a prompt it makes it new. */
  readonly run: string;
  readonly gateway: GatewayProcess;
  /** A backend's key. */
  readonly key: string;
  stop(): Promise<void>;
}

/** A gateway in a process of its own, with a worker whose provider answers at once. */
export async function startBenchGateway({ databaseUrl, redisUrl }: BenchServices): Promise<BenchGateway> {
  const run = randomUUID();
  const redisPrefix = `{bench-${run}}`;
  const database = openDatabase({ url: databaseUrl, maxConnections: 2 });
  const limits = { role: 'app', scopes: null, requestsPerMinute: null, actor: 'bench' } as const;
  const { key } = await createApiKey(database, { name: `bench-${run}`, ...limits });
  await database.close();
  const worker = await startStubWorker({ databaseUrl, redisUrl, redisPrefix, concurrency: 10 });
  const gateway = await startGatewayProcess({ databaseUrl, redisUrl, redisPrefix });
  return {
    run,
    gateway,
    key,
    async stop() {
      await Promise.all([gateway.stop(), worker.stop()]);
    },
  };
}
