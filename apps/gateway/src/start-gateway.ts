import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { openQueue, type QueueBackend } from '@ai-core/queue';
import { loadCatalogueSnapshot, openDatabase, type Database } from '@ai-core/store';
import type { Logger } from '@ai-core/runtime';

export interface GatewayOptions {
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  readonly redisPrefix?: string | undefined;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly log: Logger;
}

export interface Gateway {
  /** For example http://127.0.0.1:4000 */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** A check that takes longer has failed: an orchestrator must get its answer. */
const CHECK_MS = 3_000;

function withinCheck<Result>(promise: Promise<Result>): Promise<Result> {
  return Promise.race([
    promise,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`no answer within ${CHECK_MS} ms`)), CHECK_MS).unref()),
  ]);
}

/** @returns for each service `ok` or what is wrong; never an address or a credential */
async function checkServices(database: Database, queue: QueueBackend): Promise<Record<'postgres' | 'queue' | 'workers', string>> {
  const settle = async (check: Promise<string>): Promise<string> => withinCheck(check).catch(() => 'unreachable');
  const [postgres, queueState] = await Promise.all([
    settle(loadCatalogueSnapshot(database).then((snapshot) => (snapshot.servedQueues.size > 0 ? 'ok' : 'no worker'))),
    settle(queue.readEpoch().then(() => 'ok')),
  ]);
  return {
    postgres: postgres === 'unreachable' ? postgres : 'ok',
    queue: queueState,
    workers: postgres === 'unreachable' ? 'unknown' : postgres,
  };
}

function buildApp(database: Database, queue: QueueBackend, log: Logger): FastifyInstance {
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
  });
  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_, reply) => {
    const services = await checkServices(database, queue);
    const ready = services.postgres === 'ok';
    return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable', services });
  });
  return app;
}

/** Starts the HTTP door. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { log } = options;
  const onError = (error: Error): void => log.debug({ err: error }, 'a connection has trouble; it cures itself');
  const database = openDatabase({ url: options.databaseUrl, maxConnections: 4, applicationName: 'ai-core gateway', onError });
  const queue = await openQueue({
    databaseUrl: options.databaseUrl,
    redisUrl: options.redisUrl,
    redisPrefix: options.redisPrefix,
    maxConnections: 4,
    onError,
  });
  const app = buildApp(database, queue, log);
  const url = await app.listen({ host: options.host, port: options.port });
  return {
    url,
    port: Number(new URL(url).port),
    async close() {
      await app.close();
      await queue.close();
      await database.close();
    },
  };
}
