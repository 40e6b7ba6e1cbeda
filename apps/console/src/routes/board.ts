/**
 * Bull Board behind the console's login: the same addresses for everybody, read-only below admin. Its own Fastify adapter knows one
 * set of queues for all; this one picks the set by the role of whoever asks.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { AppControllerRoute, AppViewRoute, BullBoardQueues, IServerAdapter, UIConfig } from '@bull-board/api/typings/app';
import staticFiles from '@fastify/static';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AiCoreError } from '@ai-core/core';
import type { QueueBackend } from '@ai-core/queue';
import { recordChange } from '@ai-core/store';
import { hasRole } from '../access-rules.ts';
import { loadBoardPage } from '../board-page.ts';
import type { ConsoleServices } from '../console-services.ts';
import { sessionOf } from '../guard.ts';

const BASE_PATH = '/queues';
/** Read by the board's own HTTP client, which sends it back as X-XSRF-TOKEN. */
const TOKEN_COOKIE = 'XSRF-TOKEN';
/** The board's components set style attributes; everything else is as on the console's own pages. */
const STYLE_OF_PAGES = "style-src 'self'";
const STYLE_OF_BOARD = "style-src 'self' 'unsafe-inline'";
const UI_CONFIG: UIConfig = {
  boardTitle: 'AI Core queues',
  miscLinks: [{ text: 'Console', url: '/' }],
  hideDocsLink: true,
};

interface BoardParts {
  readonly pagePaths: readonly string[];
  readonly renderPage: AppViewRoute['handler'];
  readonly apiRoutes: readonly AppControllerRoute[];
  readonly viewsFolder: string;
  readonly staticRoute: string;
  readonly staticFolder: string;
  readonly uiConfig: UIConfig;
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };

const toList = <Item>(value: Item | readonly Item[]): readonly Item[] => (Array.isArray(value) ? value : [value as Item]);

/** Lets Bull Board describe itself: its routes, its page and its files. */
function describeBoard(): BoardParts {
  const parts: Partial<Mutable<BoardParts>> = {};
  const adapter: IServerAdapter = {
    setQueues: () => adapter,
    setErrorHandler: () => adapter,
    setViewsPath(folder) {
      parts.viewsFolder = folder;
      return adapter;
    },
    setStaticPath(route, folder) {
      parts.staticRoute = route;
      parts.staticFolder = folder;
      return adapter;
    },
    setEntryRoute(route) {
      parts.pagePaths = toList(route.route);
      parts.renderPage = route.handler;
      return adapter;
    },
    setApiRoutes(routes) {
      parts.apiRoutes = routes;
      return adapter;
    },
    setUIConfig(config) {
      parts.uiConfig = config;
      return adapter;
    },
  };
  const uiBasePath = path.dirname(fileURLToPath(import.meta.resolve('@bull-board/ui/package.json')));
  createBullBoard({ queues: [], serverAdapter: adapter, options: { uiBasePath, uiConfig: UI_CONFIG } });
  const { pagePaths, renderPage, apiRoutes, viewsFolder, staticRoute, staticFolder, uiConfig } = parts;
  if (!pagePaths || !renderPage || !apiRoutes || !viewsFolder || !staticRoute || !staticFolder || !uiConfig) {
    throw new Error('Bull Board did not describe itself as it used to');
  }
  return { pagePaths, renderPage, apiRoutes, viewsFolder, staticRoute, staticFolder, uiConfig };
}

/** The queues twice, made when they are first asked for: on Redis there are none before Redis can be reached. */
function createBoardQueues(queue: QueueBackend): (isWritable: boolean) => BullBoardQueues {
  let made: { readonly writable: BullBoardQueues; readonly readOnly: BullBoardQueues } | undefined;
  const wrap = (readOnlyMode: boolean): BullBoardQueues =>
    new Map(queue.listQueues().map((entry) => [entry.name, new BullMQAdapter(entry, { readOnlyMode, allowRetries: !readOnlyMode })]));
  return (isWritable) => {
    try {
      made ??= { writable: wrap(false), readOnly: wrap(true) };
    } catch (error) {
      throw new AiCoreError('STORE_UNAVAILABLE', 'the queue cannot be reached just now', { cause: error });
    }
    return isWritable ? made.writable : made.readOnly;
  };
}

function textHeaders(request: FastifyRequest): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

/** The board under /queues. Every change made on it is written to the audit log before it is made. */
export async function registerBoard(app: FastifyInstance, services: ConsoleServices): Promise<void> {
  const { database, queue, cookie } = services;
  const parts = describeBoard();
  const fillPage = loadBoardPage(parts.viewsFolder, 'index.ejs');
  const queuesFor = createBoardQueues(queue);
  const isWriter = (request: FastifyRequest): boolean => hasRole(sessionOf(request).user.role, 'admin');

  await app.register(
    async (board) => {
      await board.register(staticFiles, { root: parts.staticFolder, prefix: `${parts.staticRoute}/`, decorateReply: false });

      for (const url of parts.pagePaths) {
        board.get(url, async (request, reply) => {
          const { params } = parts.renderPage({ basePath: BASE_PATH, uiConfig: uiConfigFor(parts.uiConfig, isWriter(request)) });
          reply.setCookie(TOKEN_COOKIE, sessionOf(request).csrfToken, {
            path: BASE_PATH,
            sameSite: 'strict',
            secure: cookie.isSecure(request),
          });
          const policy = String(reply.getHeader('content-security-policy'));
          reply.header('content-security-policy', policy.replace(STYLE_OF_PAGES, STYLE_OF_BOARD));
          return reply.type('text/html; charset=utf-8').send(fillPage(params));
        });
      }

      for (const route of parts.apiRoutes) {
        for (const url of toList(route.route)) {
          for (const method of toList(route.method)) {
            board.route({
              method: method.toUpperCase(),
              url,
              async handler(request, reply) {
                const queues = queuesFor(isWriter(request));
                if (method !== 'get') {
                  const subject = request.url.slice(BASE_PATH.length + '/api/'.length).split('?')[0] ?? '';
                  await recordChange(database, { actor: sessionOf(request).user.name, action: `board.${method}`, subject });
                }
                const answer = await route.handler({
                  queues,
                  uiConfig: parts.uiConfig,
                  query: request.query as Record<string, unknown>,
                  params: request.params as Record<string, unknown>,
                  body: (request.body ?? {}) as Record<string, unknown>,
                  headers: textHeaders(request),
                });
                return reply.code(answer.status ?? 200).send(answer.body);
              },
            });
          }
        }
      }
    },
    { prefix: BASE_PATH },
  );
}

function uiConfigFor(config: UIConfig, isWritable: boolean): UIConfig {
  return isWritable ? config : { ...config, environment: { label: 'read-only', color: '#4f46e5', textColor: '#ffffff' } };
}
