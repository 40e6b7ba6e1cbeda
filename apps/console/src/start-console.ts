import { openQueue } from '@ai-core/queue';
import type { Logger } from '@ai-core/runtime';
import { openDatabase } from '@ai-core/store';
import { buildConsole } from './build-console.ts';
import { createSessionCookie } from './session-cookie.ts';

export interface ConsoleOptions {
  readonly databaseUrl: string;
  readonly redisUrl?: string | undefined;
  readonly redisPrefix?: string | undefined;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly log: Logger;
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
  const cookie = createSessionCookie(options.secureCookies);
  const { app } = await buildConsole(
    { database, queue, cookie, log },
    { trustedProxies: options.trustedProxies, isTlsOnly: options.secureCookies === true },
  );
  const url = await app.listen({ host: options.host, port: options.port });
  return {
    url,
    async close() {
      await app.close();
      await queue.close();
      await database.close();
    },
  };
}
