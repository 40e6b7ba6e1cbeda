/** The console as a process of its own. Configured by the environment; see README. */
import { createLog, onShutdown, readEnvironment, readObjectStore } from '@ai-core/runtime';
import { startConsole } from './start-console.ts';

const environment = readEnvironment((warning) => process.stderr.write(`${warning}\n`));
if (environment.DATABASE_URL === undefined) {
  process.stderr.write('DATABASE_URL is not set. The console needs the ledger; `npm start` brings its own.\n');
  process.exit(78);
}
const log = createLog({ level: environment.AI_CORE_LOG_LEVEL, name: 'console' });
const running = await startConsole({
  databaseUrl: environment.DATABASE_URL,
  redisUrl: environment.REDIS_URL,
  host: environment.AI_CORE_HOST,
  port: environment.AI_CORE_CONSOLE_PORT,
  simulated: environment.AI_CORE_SIMULATE,
  sealKey: environment.AI_CORE_SEAL_KEY,
  s3: readObjectStore(environment),
  log,
});
log.info({ url: running.url }, 'console started');
onShutdown({ stop: () => running.close(), onError: (error) => log.error({ err: error }, 'the console did not stop in order') });
