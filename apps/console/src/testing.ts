/** For tests: a console on a database of its own, and browsers that keep cookies. */
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { createAiCore, type AiCoreOptions } from '@ai-core/producer';
import { openQueue, type QueueBackend } from '@ai-core/queue';
import { createLog } from '@ai-core/runtime';
import { createConsoleUser, openSession, type ConsoleRole, type Database, type Objects } from '@ai-core/store';
import { createTestDatabase } from '@ai-core/store/testing';
import { buildConsole } from './build-console.ts';
import type { GuardedRoute } from './guard.ts';
import { createSessionCookie } from './session-cookie.ts';
import type { WebApp } from './web-app.ts';

export interface TestConsoleOptions {
  /** URL of the server's maintenance database. */
  readonly serverUrl: string;
  readonly template: string;
  /** Set: the queue is on Redis. */
  readonly redisUrl?: string | undefined;
  readonly redisPrefix?: string | undefined;
  readonly secureCookies?: boolean | undefined;
  readonly objects?: Objects | undefined;
  /** What trying a model needs beside the queue. */
  readonly aiCore?: Partial<AiCoreOptions> | undefined;
  /** The user interface; without it the start page is the short form. */
  readonly web?: WebApp | undefined;
}

export interface TestConsole {
  readonly app: FastifyInstance;
  readonly routes: readonly GuardedRoute[];
  readonly database: Database;
  readonly queue: QueueBackend;
  /** A user whose password was changed already, logged in. */
  signIn(role: ConsoleRole): Promise<Browser>;
  close(): Promise<void>;
}

interface Call {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>;
}

/** Keeps cookies, comes from one address and asks for pages unless told otherwise. */
export interface Browser {
  readonly cookies: Map<string, string>;
  /** Of the session that signIn() made; empty without one. */
  readonly csrfToken: string;
  readonly userName: string;
  call(method: string, url: string, call?: Call): Promise<LightMyRequestResponse>;
}

/** The session cookie where TLS is not in play. */
export const COOKIE = 'ai_core_console';
export const JSON_ONLY = { accept: 'application/json' } as const;
/** Chosen by a user; good enough for the rules. */
export const GOOD_PASSWORD = 'correct horse battery';

export interface BrowserOptions {
  readonly address?: string;
  readonly csrfToken?: string;
  readonly userName?: string;
}

export function openBrowser(app: FastifyInstance, options: BrowserOptions = {}): Browser {
  const cookies = new Map<string, string>();
  return {
    cookies,
    csrfToken: options.csrfToken ?? '',
    userName: options.userName ?? '',
    async call(method, url, call = {}) {
      const response = await app.inject({
        method: method as 'GET',
        url,
        remoteAddress: options.address ?? '192.0.2.1',
        cookies: Object.fromEntries(cookies),
        headers: {
          accept: 'text/html',
          ...(call.form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
          ...call.headers,
        },
        ...(call.form === undefined ? {} : { payload: new URLSearchParams(call.form).toString() }),
      });
      for (const cookie of response.cookies) {
        if (cookie.value === '') cookies.delete(cookie.name);
        else cookies.set(cookie.name, cookie.value);
      }
      return response;
    },
  };
}

/** The hidden token of the first form on a page. */
export function tokenOn(page: string): string {
  return /name="_csrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
}

export async function openTestConsole(options: TestConsoleOptions): Promise<TestConsole> {
  const { url, database, drop } = await createTestDatabase({ serverUrl: options.serverUrl, template: options.template });
  const queue = await openQueue({
    databaseUrl: url,
    redisUrl: options.redisUrl,
    redisPrefix: options.redisPrefix,
    maxConnections: 4,
    onError: () => undefined,
  });
  const aiCore = await createAiCore({
    databaseUrl: url,
    redisUrl: options.redisUrl,
    redisPrefix: options.redisPrefix,
    caller: 'console',
    maxConnections: 2,
    ...options.aiCore,
  });
  const { app, routes } = await buildConsole(
    {
      database,
      queue,
      aiCore,
      cookie: createSessionCookie(options.secureCookies),
      log: createLog({ level: 'silent', name: 'console' }),
      objects: options.objects ?? null,
      findWebApp: () => options.web ?? null,
      isPreparing: () => false,
    },
    { isTlsOnly: options.secureCookies === true },
  );
  let users = 0;
  return {
    app,
    routes,
    database,
    queue,
    async signIn(role) {
      const { name } = await createConsoleUser(database, { name: `${role}-${++users}`, role });
      const { rows } = await database.pool.query<{ id: string }>(
        'update ai_console_user set must_change_password = false where name = $1 returning id',
        [name],
      );
      const session = await openSession(database, rows[0]?.id ?? '');
      const browser = openBrowser(app, { csrfToken: session.csrfToken, userName: name });
      browser.cookies.set(COOKIE, session.token);
      return browser;
    },
    async close() {
      await app.close();
      await aiCore.close();
      await queue.close();
      await drop();
    },
  };
}
