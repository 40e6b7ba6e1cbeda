import type { QueueBackend } from '@ai-core/queue';
import { createMetrics } from '@ai-core/runtime';
import { rollUpLagMs, summariseBudgets, type BudgetSummary, type Database } from '@ai-core/store';
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface GatewayMetrics {
  /** Counts a request that has been answered. */
  observe(request: FastifyRequest, reply: FastifyReply): void;
  readonly contentType: string;
  render(): Promise<string>;
}

/** In seconds: from a memory hit to the longest wait. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

function textOf(header: number | string | string[] | undefined, otherwise: string): string {
  return typeof header === 'string' ? header : otherwise;
}

export interface MeasuredServices {
  readonly queue: QueueBackend;
  readonly database: Database;
  /** Whose budgets are told: those of emulated money. */
  readonly simulated: boolean;
}

/** What the gateway counts. Routes are those of the table, never addresses. */
export function createGatewayMetrics({ queue, database, simulated }: MeasuredServices): GatewayMetrics {
  const metrics = createMetrics();
  const requests = metrics.counter({
    name: 'ai_core_http_requests_total',
    help: 'requests that were answered',
    labels: ['method', 'route', 'status'],
  });
  const seconds = metrics.histogram({
    name: 'ai_core_http_request_seconds',
    help: 'time until the answer was sent',
    labels: ['route'],
    buckets: BUCKETS,
  });
  const answers = metrics.counter({
    name: 'ai_core_answers_total',
    help: 'answers by where they came from and who made them',
    labels: ['source', 'provider'],
  });
  metrics.gauge({ name: 'ai_core_queue_jobs', help: 'jobs in the queues', labels: ['queue', 'state'] }, async () => {
    const depths = await queue.depths();
    return depths.flatMap(({ queue: name, waiting, active, delayed }) =>
      Object.entries({ waiting, active, delayed }).map(([state, value]) => ({ labels: { queue: name, state }, value })),
    );
  });
  metrics.gauge(
    { name: 'ai_core_roll_up_lag_seconds', help: 'since when the daily tables have not been brought up to date', labels: [] },
    async () => {
      const lagMs = await rollUpLagMs(database);
      return lagMs === null ? [] : [{ labels: {}, value: lagMs / 1_000 }];
    },
  );
  const budgets = async (value: (summary: BudgetSummary) => number) =>
    (await summariseBudgets(database, simulated)).map((summary) => {
      const { scope, period } = summary;
      return { labels: { scope, period }, value: value(summary) };
    });
  metrics.gauge(
    { name: 'ai_core_budgets_alerted', help: 'budgets that have reached a threshold in their present period', labels: ['scope', 'period'] },
    () => budgets(({ alerted }) => alerted),
  );
  metrics.gauge(
    {
      name: 'ai_core_budget_spent_ratio_max',
      help: 'the largest share of a limit that is spent; 1 = all of it',
      labels: ['scope', 'period'],
    },
    () => budgets(({ mostSpent }) => mostSpent),
  );
  return {
    observe(request, reply) {
      const route = request.routeOptions.url ?? 'none';
      requests({ method: request.method, route, status: String(reply.statusCode) });
      seconds({ route }, reply.elapsedTime / 1_000);
      const source = reply.getHeader('x-ai-core-source');
      if (source !== undefined) answers({ source: textOf(source, ''), provider: textOf(reply.getHeader('x-ai-core-provider'), '') });
    },
    contentType: metrics.contentType,
    render: () => metrics.render(),
  };
}
