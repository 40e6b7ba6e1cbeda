import { loadCatalogueSnapshot } from '@ai-core/store';
import { z } from 'zod';
import type { GatewayServices } from '../gateway-services.ts';
import { LOOK_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';

/** A check that takes longer has failed: an orchestrator must get its answer. */
const CHECK_MS = 3_000;

function withinCheck<Result>(promise: Promise<Result>): Promise<Result> {
  return Promise.race([
    promise,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`no answer within ${CHECK_MS} ms`)), CHECK_MS).unref()),
  ]);
}

/** @returns for each service `ok` or what is wrong; never an address or a credential */
async function checkServices({ database, queue }: GatewayServices): Promise<Record<'postgres' | 'queue' | 'workers', string>> {
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

const ReadinessSchema = z.object({
  status: z.enum(['ok', 'unavailable']),
  services: z.object({ postgres: z.string(), queue: z.string(), workers: z.string() }),
});

export const getReadiness = declareRoute({
  method: 'GET',
  path: '/readyz',
  need: 'nothing',
  scope: 'nothing',
  tag: 'operations',
  about: 'Requests can be accepted and answered from memory: the ledger answers',
  errors: 'problem',
  responses: { 200: { about: 'ready', schema: ReadinessSchema }, 503: { about: 'not ready', schema: ReadinessSchema } },
  timeoutMs: LOOK_TIMEOUT_MS,
  async handle({ services, reply }) {
    const checked = await checkServices(services);
    const ready = checked.postgres === 'ok';
    reply.code(ready ? 200 : 503);
    return { status: ready ? 'ok' : 'unavailable', services: checked };
  },
});
