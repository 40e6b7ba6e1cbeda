import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { findRedisProgram, installRedis, REDIS_HINT, startPostgres, startRedis } from '@ai-core/embedded';
import { migrateQueue } from '@ai-core/queue';
import { migrate } from '@ai-core/store';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Maintenance database of the test server: tests make their own databases there. */
    databaseUrl: string;
    /** A migrated database to copy; see createTestDatabase of @ai-core/store/testing. */
    templateDatabase: string;
    /** A Redis of the test run; tests use key prefixes of their own. */
    redisUrl: string;
  }
}

const TEMPLATE = 'ai_core_template';

/** Services that are left out on purpose: AI_CORE_TEST_WITHOUT=redis,browser. */
export function leftOut(): string[] {
  return (process.env['AI_CORE_TEST_WITHOUT'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

interface Services {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  stop(): Promise<void>;
}

/** Several projects ask for the services; the first one starts them, the last one stops them. */
let started: Promise<Services> | undefined;
let users = 0;

async function findTestRedis(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env['REDIS_URL'];
  if (given !== undefined && given !== '') return { url: given, stop: async () => undefined };
  if (leftOut().includes('redis')) return { url: '', stop: async () => undefined };
  if (findRedisProgram() === undefined && !installRedis()) {
    throw new Error(`the tests need Redis: ${REDIS_HINT}. To leave those tests out on purpose: AI_CORE_TEST_WITHOUT=redis npm test`);
  }
  return startRedis();
}

async function start(): Promise<Services> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-test-'));
  const [postgres, redis] = await Promise.all([
    startPostgres({ dir: path.join(folder, 'postgres'), database: TEMPLATE, fast: true }),
    findTestRedis(),
  ]);
  await migrate({ databaseUrl: postgres.url, also: migrateQueue });
  const maintenance = new URL(postgres.url);
  maintenance.pathname = '/postgres';
  return {
    databaseUrl: maintenance.href,
    redisUrl: redis.url,
    async stop() {
      await Promise.all([postgres.stop(), redis.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  users++;
  started ??= start();
  const services = await started;
  project.provide('databaseUrl', services.databaseUrl);
  project.provide('templateDatabase', TEMPLATE);
  project.provide('redisUrl', services.redisUrl);
  return async () => {
    if (--users > 0) return;
    started = undefined;
    await services.stop();
  };
}
