import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import cookies from '@fastify/cookie';
import forms from '@fastify/formbody';
import helmet from '@fastify/helmet';
import { registerErrors } from './answer-errors.ts';
import type { ConsoleServices } from './console-services.ts';
import { registerGuard, type GuardedRoute } from './guard.ts';
import { registerAssets } from './routes/assets.ts';
import { registerBoard } from './routes/board.ts';
import { registerLogin } from './routes/login.ts';
import { registerOverview } from './routes/overview.ts';
import { registerApiKeys } from './routes/api-keys.ts';
import { registerBudgets } from './routes/budgets.ts';
import { registerBlindPairs } from './routes/blind-pairs.ts';
import { registerChanges } from './routes/changes.ts';
import { registerDashboard } from './routes/dashboard.ts';
import { registerExperiments } from './routes/experiments.ts';
import { registerJobs } from './routes/jobs.ts';
import { registerLive } from './routes/live.ts';
import { registerMemory } from './routes/memory.ts';
import { registerProviders } from './routes/providers.ts';
import { registerPrices } from './routes/prices.ts';
import { registerReceipts } from './routes/receipts.ts';
import { registerSelection } from './routes/selection.ts';
import { registerTierProposals } from './routes/tier-proposals.ts';
import { registerTrainingData } from './routes/training-data.ts';
import { registerTrainingExports } from './routes/training-exports.ts';
import { registerTrainingRuns } from './routes/training-runs.ts';
import { registerTries } from './routes/tries.ts';
import { registerUsage } from './routes/usage.ts';
import { registerUsers } from './routes/users.ts';
import { registerWeb } from './routes/web.ts';
import { registerPassword } from './routes/password.ts';

export interface BuildOptions {
  /** Addresses of proxies whose word about a client's address is taken, as IPs or CIDR blocks; none by default. */
  readonly trustedProxies?: readonly string[] | undefined;
  /** True: the console is only reached over TLS. */
  readonly isTlsOnly: boolean;
}

export interface ConsoleApp {
  readonly app: FastifyInstance;
  /** Every route there is, with the rule that guards it. */
  readonly routes: readonly GuardedRoute[];
}

/** The largest thing anybody sends is the data of a queue entry edited on the board. */
const BODY_LIMIT_BYTES = 65_536;

const API_ROUTES = [
  registerApiKeys,
  registerBlindPairs,
  registerBudgets,
  registerChanges,
  registerDashboard,
  registerExperiments,
  registerJobs,
  registerLive,
  registerMemory,
  registerPrices,
  registerProviders,
  registerTrainingData,
  registerTrainingExports,
  registerTrainingRuns,
  registerReceipts,
  registerSelection,
  registerTries,
  registerTierProposals,
  registerUsage,
  registerUsers,
] as const;

/** Everything comes from this server and nothing may frame it. */
const CONTENT_POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'media-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'self'"],
  'frame-ancestors': ["'none'"],
} as const;

/** The console's server, not yet listening. */
export async function buildConsole(services: ConsoleServices, options: BuildOptions): Promise<ConsoleApp> {
  const logger: FastifyBaseLogger = services.log;
  const app: FastifyInstance = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    bodyLimit: BODY_LIMIT_BYTES,
    trustProxy: options.trustedProxies === undefined ? false : [...options.trustedProxies],
  });

  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: mutable(CONTENT_POLICY) },
    strictTransportSecurity: options.isTlsOnly && { maxAge: 31_536_000 },
    crossOriginOpenerPolicy: options.isTlsOnly,
    frameguard: { action: 'deny' },
    // Without any referrer browsers send no origin with a form either, and a login could not be told from a forged one.
    referrerPolicy: { policy: 'same-origin' },
  });
  await app.register(cookies);
  await app.register(forms, { bodyLimit: BODY_LIMIT_BYTES });
  app.removeContentTypeParser('text/plain');

  // What was shown to one person must not come out of a cache for the next one.
  app.addHook('onSend', async (_, reply, payload) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    return payload;
  });

  registerErrors(app);
  const routes = registerGuard(app, services);
  registerAssets(app);
  registerLogin(app, services);
  registerPassword(app, services);
  registerOverview(app, services);
  registerWeb(app, services);
  for (const register of API_ROUTES) register(app, services);
  await registerBoard(app, services);
  await app.ready();
  return { app, routes };
}

function mutable(policy: Readonly<Record<string, readonly string[]>>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(policy).map(([name, sources]) => [name, [...sources]]));
}
