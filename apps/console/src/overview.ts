/** What the start page and /api/overview show. Shaped as it goes over the wire: money as decimal strings of US dollars. */
import { formatMoney } from '@ai-core/core';
import type { QueueBackend, QueueDepth } from '@ai-core/queue';
import { listDailyCost, listLivingWorkers, reportUsage, rollUpLagMs, type Database } from '@ai-core/store';

export interface ServiceHealth {
  readonly state: 'ok' | 'unreachable';
  /** How long it took to answer; null when it did not. */
  readonly latency_ms: number | null;
}

export interface CostLine {
  readonly provider: string;
  readonly model: string;
  readonly request_type: string;
  readonly requests: number;
  readonly cache_hits: number;
  readonly cost_usd: string;
  readonly saved_usd: string;
}

export interface WorkerLine {
  readonly id: string;
  readonly host: string;
  readonly process_id: number;
  /** Queues it serves. */
  readonly roles: readonly string[];
  readonly started_at: string;
}

/** One UTC day of one kind of money: real, or simulated and never paid. */
export interface DayCost {
  readonly simulated: boolean;
  readonly requests: number;
  readonly failures: number;
  readonly cache_hits: number;
  /** 0 to 1. */
  readonly hit_rate: number;
  readonly cost_usd: string;
  readonly saved_usd: string;
  readonly lines: readonly CostLine[];
}

export interface Overview {
  readonly postgres: ServiceHealth;
  readonly queue: ServiceHealth & { readonly backend: 'redis' | 'postgres' };
  /** Null: the queue did not answer. */
  readonly depths: readonly QueueDepth[] | null;
  /** Null: Postgres did not answer. */
  readonly workers: readonly WorkerLine[] | null;
  /** Null: Postgres did not answer. */
  readonly today: readonly DayCost[] | null;
  /** How old the figures of today are; null when nothing was rolled up yet. */
  readonly rolled_up_ms_ago: number | null;
}

export interface OverviewSources {
  readonly database: Database;
  readonly queue: QueueBackend;
}

/** A page must come also when a service hangs. */
const PATIENCE_MS = 3_000;

interface Timed<Result> {
  readonly value: Result | null;
  readonly health: ServiceHealth;
}

async function timed<Result>(work: () => Promise<Result>): Promise<Timed<Result>> {
  const start = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    const value = await Promise.race([work(), patience]);
    return { value, health: { state: 'ok', latency_ms: Math.round(performance.now() - start) } };
  } catch {
    return { value: null, health: { state: 'unreachable', latency_ms: null } };
  } finally {
    clearTimeout(timer);
  }
}

async function readDay(database: Database, simulated: boolean): Promise<DayCost> {
  const [report, lines] = await Promise.all([
    reportUsage(database, { days: 1, by: 'provider', simulated }),
    listDailyCost(database, null, simulated),
  ]);
  const { totals } = report;
  return {
    simulated,
    requests: totals.requests,
    failures: totals.failures,
    cache_hits: totals.cacheHits + totals.inFlightHits,
    hit_rate: totals.hitRate,
    cost_usd: formatMoney(totals.costNanoUsd),
    saved_usd: formatMoney(totals.savedNanoUsd),
    lines: lines.map((line) => ({
      provider: line.provider,
      model: line.model,
      request_type: line.requestType,
      requests: line.requests,
      cache_hits: line.cacheHits,
      cost_usd: formatMoney(line.costNanoUsd),
      saved_usd: formatMoney(line.savedNanoUsd),
    })),
  };
}

async function readWorkers(database: Database): Promise<WorkerLine[]> {
  const workers = await listLivingWorkers(database);
  return workers.map((worker) => ({
    id: worker.id,
    host: worker.host,
    process_id: worker.processId,
    roles: worker.roles,
    started_at: worker.startedAt.toISOString(),
  }));
}

/** @returns for each service whether it answers, and how fast */
export async function checkServices(sources: OverviewSources): Promise<Pick<Overview, 'postgres' | 'queue'>> {
  const [postgres, queue] = await Promise.all([timed(() => rollUpLagMs(sources.database)), timed(() => sources.queue.readEpoch())]);
  return { postgres: postgres.health, queue: { ...queue.health, backend: sources.queue.name } };
}

/** @returns null when the queue does not answer */
export async function readDepths({ queue }: OverviewSources): Promise<QueueDepth[] | null> {
  return (await timed(() => queue.depths())).value;
}

/** @returns null when Postgres does not answer */
export async function readLivingWorkers({ database }: OverviewSources): Promise<WorkerLine[] | null> {
  return (await timed(() => readWorkers(database))).value;
}

/** How old the daily figures are, in whole milliseconds. @returns null when Postgres does not answer or nothing was rolled up yet */
export async function readLag({ database }: OverviewSources): Promise<number | null> {
  const { value } = await timed(() => rollUpLagMs(database));
  return value === null ? null : Math.round(value);
}

/** Everything the start page shows. Never throws: what does not answer is null and said to be unreachable. */
export async function readOverview(sources: OverviewSources): Promise<Overview> {
  const { database, queue } = sources;
  const [services, depths, workers, today, lag] = await Promise.all([
    checkServices(sources),
    timed(() => queue.depths()),
    readLivingWorkers(sources),
    timed(() => Promise.all([readDay(database, false), readDay(database, true)])),
    readLag(sources),
  ]);
  return {
    postgres: services.postgres,
    queue: depths.value === null ? { ...depths.health, backend: queue.name } : services.queue,
    depths: depths.value,
    workers,
    today: today.value,
    rolled_up_ms_ago: lag,
  };
}
