import type { TestProject } from 'vitest/node';
import { findBrowser } from './test-services/find-browser.ts';
import { makeTestFolder } from './test-services/test-folder.ts';
import { startTestPostgres, TEMPLATE_DATABASE } from './test-services/test-postgres.ts';
import { findTestRedis } from './test-services/test-redis.ts';
import { startTestS3, type TestS3 } from './test-services/test-s3.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Maintenance database of the test server: tests make their own databases there. */
    databaseUrl: string;
    /** A migrated database to copy; see createTestDatabase of @ai-core/store/testing. */
    templateDatabase: string;
    /** A Redis of the test run, for which tests use key prefixes of their own; '' where AI_CORE_TEST_WITHOUT leaves it out. */
    redisUrl: string;
    /** An object store of the test run, for which tests use key prefixes of their own. */
    s3: TestS3;
    /** Path of a Chromium or Chrome; only in *.browser.test.ts. */
    browserPath: string;
  }
}

interface Services {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly s3: TestS3;
  stop(): Promise<void>;
}

async function start(): Promise<Services> {
  const folder = makeTestFolder();
  const [postgres, redis, store] = await Promise.all([startTestPostgres(folder), findTestRedis(), startTestS3(folder)]);
  return {
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    s3: store.s3,
    async stop() {
      await Promise.all([postgres.stop(), redis.stop(), store.stop()]);
    },
  };
}

/** Every project loads this module anew, so what they share hangs on the process. */
const shared = globalThis as typeof globalThis & { aiCoreTestServices?: { started: Promise<Services>; users: number } };

/** Starts the services for the first project that needs them; the last one to end stops them. Runs without such a project start nothing. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const use = (shared.aiCoreTestServices ??= { started: start(), users: 0 });
  use.users++;
  const services = await use.started;
  project.provide('databaseUrl', services.databaseUrl);
  project.provide('templateDatabase', TEMPLATE_DATABASE);
  project.provide('redisUrl', services.redisUrl);
  project.provide('s3', services.s3);
  if (project.name === 'browser') project.provide('browserPath', findBrowser());
  return async () => {
    use.users--;
    if (use.users > 0) return;
    delete shared.aiCoreTestServices;
    await services.stop();
  };
}
