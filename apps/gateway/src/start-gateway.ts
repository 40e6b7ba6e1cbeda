import { createSealKey, parseSealKey } from '@ai-core/core';
import { createAiCore, type AiCoreOptions } from '@ai-core/producer';
import { openQueue } from '@ai-core/queue';
import type { Logger } from '@ai-core/runtime';
import { createSnapshotCache, openDatabase, type ObjectsOptions } from '@ai-core/store';
import { createAuthentication } from './authenticate.ts';
import { buildServer } from './build-server.ts';
import { documentationRoutes } from './documentation.ts';
import { createGatewayMetrics } from './gateway-metrics.ts';
import { ROUTES } from './routes.ts';
import { startWebhookSender } from './webhook-sender.ts';
import type { AlertTarget, WebhookPolicy } from './webhook-target.ts';

export interface GatewayOptions {
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  readonly redisPrefix?: string | undefined;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  /** True where the providers are emulated. */
  readonly simulated?: boolean | undefined;
  /** The object store of MP3s, the workers' own; without it speech is refused. */
  readonly s3?: ObjectsOptions | undefined;
  /** Seals personal data; the same for every gateway and worker. */
  readonly sealKey?: string | undefined;
  /** Connections to Postgres for requests; default 10. */
  readonly maxConnections?: number | undefined;
  /** How many jobs may wait; beyond that requests are refused with QUEUE_FULL. */
  readonly backlog?: AiCoreOptions['backlog'];
  /** Where webhooks may go; default: nowhere. */
  readonly webhooks?: WebhookPolicy | undefined;
  /** Where alerts of budgets go; default: nowhere, they are logged and counted only. */
  readonly alerts?: AlertTarget | undefined;
  readonly log: Logger;
}

export interface Gateway {
  /** For example http://127.0.0.1:4000 */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Starts the HTTP door. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { log, databaseUrl, redisUrl, redisPrefix, simulated = false, webhooks = { hosts: [] } } = options;
  const sealKey = options.sealKey ?? createSealKey();
  const onError = (error: unknown): void => log.debug({ err: error }, 'a connection has trouble; it cures itself');
  const database = openDatabase({ url: databaseUrl, maxConnections: 4, applicationName: 'ai-core gateway', onError });
  const queue = await openQueue({ databaseUrl, redisUrl, redisPrefix, maxConnections: 4, onError });
  const aiCore = await createAiCore({
    databaseUrl,
    redisUrl,
    redisPrefix,
    simulated,
    s3: options.s3,
    sealKey,
    maxConnections: options.maxConnections,
    backlog: options.backlog,
    caller: 'gateway',
    onError,
  });
  const authentication = createAuthentication({ database, messages: queue.messages, aiCore, onError });
  const services = {
    aiCore,
    database,
    queue,
    snapshots: createSnapshotCache(database),
    simulated,
    webhooks,
    log,
    metrics: createGatewayMetrics({ queue, database, simulated }),
  };
  // A gateway that may send none leaves them to the others: its refusals counted as tries, and webhooks came half a minute late.
  const sender =
    webhooks.hosts.length === 0
      ? undefined
      : startWebhookSender({ database, aiCore, sealKey: parseSealKey(sealKey), policy: webhooks, alerts: options.alerts, log });
  const { app, waits } = buildServer({ services, authentication, routes: [...ROUTES, ...documentationRoutes(ROUTES)] });
  const url = await app.listen({ host: options.host, port: options.port });

  return {
    url,
    port: Number(new URL(url).port),
    async close() {
      // Whoever waits is told where to look, then the door closes.
      waits.endAll();
      await app.close();
      await sender?.close();
      await authentication.close();
      await aiCore.close();
      await queue.close();
      await database.close();
    },
  };
}
