import { openQueue } from '@ai-core/queue';
import { createAiCore } from '@ai-core/producer';
import type { Logger } from '@ai-core/runtime';
import { openDatabase, openObjects, type ObjectsOptions } from '@ai-core/store';
import { buildConsole } from './build-console.ts';
import { createSessionCookie } from './session-cookie.ts';
import { prepareWebApp, type WebApp } from './web-app.ts';

export interface ConsoleOptions {
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  readonly redisPrefix?: string | undefined;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly log: Logger;
  /** True where the providers are emulated: what the console tries is then kept apart from real work. */
  readonly simulated?: boolean | undefined;
  /** Seals personal data in what the console tries; not set: a key of this process's own. */
  readonly sealKey?: string | undefined;
  /** The object store with the MP3s; not given: they cannot be played. */
  readonly s3?: ObjectsOptions | undefined;
  /** Cookies only over TLS, or never; not given: as the proxy's X-Forwarded-Proto says. */
  readonly secureCookies?: boolean | undefined;
  /** Addresses of proxies whose X-Forwarded-For is believed; without them every client behind a proxy counts as one address. */
  readonly trustedProxies?: readonly string[] | undefined;
}

export interface Console {
  /** For example http://127.0.0.1:4001 */
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the ops console: login, overview, queues. The database must be migrated. */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const { log } = options;
  const onError = (error: Error): void => log.debug({ err: error }, 'a connection has trouble; it cures itself');
  const database = openDatabase({ url: options.databaseUrl, maxConnections: 5, applicationName: 'ai-core console', onError });
  const queue = await openQueue({
    databaseUrl: options.databaseUrl,
    redisUrl: options.redisUrl,
    redisPrefix: options.redisPrefix,
    maxConnections: 4,
    onError,
  });
  const aiCore = await createAiCore({
    databaseUrl: options.databaseUrl,
    redisUrl: options.redisUrl,
    redisPrefix: options.redisPrefix,
    s3: options.s3,
    simulated: options.simulated,
    sealKey: options.sealKey,
    caller: 'console',
    maxConnections: 3,
    onError: (error) => log.debug({ err: error }, 'a connection has trouble; it cures itself'),
  });
  const cookie = createSessionCookie(options.secureCookies);
  const objects = options.s3 === undefined ? null : openObjects(options.s3);
  let web: WebApp | null = null;
  let isPreparing = true;
  const prepared = prepareWebApp()
    .then((ready) => (web = ready))
    .catch((error: unknown) => log.error({ err: error }, 'the console shows its short form only'))
    .finally(() => (isPreparing = false));
  const { app } = await buildConsole(
    { database, queue, aiCore, cookie, log, objects, findWebApp: () => web, isPreparing: () => isPreparing },
    { trustedProxies: options.trustedProxies, isTlsOnly: options.secureCookies === true },
  );
  const url = await app.listen({ host: options.host, port: options.port });
  return {
    url,
    async close() {
      await prepared;
      await app.close();
      await aiCore.close();
      objects?.close();
      await queue.close();
      await database.close();
    },
  };
}
