/** The gateway as a process of its own. Configured by the environment; see README. */
import { createLog, onShutdown, readEnvironment, readObjectStore } from '@ai-core/runtime';
import { startGateway } from './start-gateway.ts';
import { readAlertTarget, readWebhookPolicy } from './webhook-target.ts';

const environment = readEnvironment((warning) => process.stderr.write(`${warning}\n`));
if (environment.DATABASE_URL === undefined) {
  process.stderr.write('DATABASE_URL is not set. The gateway needs the ledger; `npm start` brings its own.\n');
  process.exit(78);
}
if (environment.AI_CORE_SEAL_KEY === undefined && !environment.AI_CORE_SIMULATE) {
  process.stderr.write('AI_CORE_SEAL_KEY is not set. All gateways need the same one; `openssl rand -base64 32` makes it.\n');
  process.exit(78);
}
const log = createLog({ level: environment.AI_CORE_LOG_LEVEL, name: 'gateway' });
const webhooks = readWebhookPolicy(environment.AI_CORE_WEBHOOK_HOSTS);
const gateway = await startGateway({
  databaseUrl: environment.DATABASE_URL,
  redisUrl: environment.REDIS_URL,
  host: environment.AI_CORE_HOST,
  port: environment.AI_CORE_PORT,
  simulated: environment.AI_CORE_SIMULATE,
  s3: readObjectStore(environment),
  sealKey: environment.AI_CORE_SEAL_KEY,
  backlog: { perCaller: environment.AI_CORE_MOST_WAITING_PER_CALLER, perQueue: environment.AI_CORE_MOST_WAITING },
  webhooks,
  alerts: readAlertTarget(environment.AI_CORE_ALERT_WEBHOOK_URL, environment.AI_CORE_ALERT_WEBHOOK_SECRET, webhooks),
  log,
});
log.info({ url: gateway.url }, 'gateway started');
onShutdown({ stop: () => gateway.close(), onError: (error) => log.error({ err: error }, 'the gateway did not stop in order') });
