/** A worker as a process of its own. Configured by the environment; see README. */
import path from 'node:path';
import { createLog, onShutdown, readEnvironment, readObjectStore } from '@ai-core/runtime';
import { readProviderAccess } from './provider-access.ts';
import { startWorker } from './start-worker.ts';
import { readTrainingSettings } from './training-settings.ts';

const environment = readEnvironment((warning) => process.stderr.write(`${warning}\n`));
if (environment.DATABASE_URL === undefined) {
  process.stderr.write('DATABASE_URL is not set. A worker needs the ledger; `npm start` brings its own.\n');
  process.exit(78);
}
const log = createLog({ level: environment.AI_CORE_LOG_LEVEL, name: 'worker' });
const worker = await startWorker({
  databaseUrl: environment.DATABASE_URL,
  redisUrl: environment.REDIS_URL,
  roles: environment.AI_CORE_ROLES,
  access: readProviderAccess(environment),
  s3: readObjectStore(environment),
  sealKey: environment.AI_CORE_SEAL_KEY,
  training: readTrainingSettings(environment),
  batches: { maxAgeMs: environment.AI_CORE_BATCH_WAIT_S * 1_000 },
  health:
    environment.AI_CORE_HEALTH_PORT === undefined ? undefined : { host: environment.AI_CORE_HOST, port: environment.AI_CORE_HEALTH_PORT },
  spoolFolder: path.join(environment.AI_CORE_DATA_DIR ?? '.data', 'spool'),
  log,
});
onShutdown({ stop: () => worker.stop(), onError: (error) => log.error({ err: error }, 'the worker did not stop in order') });
