/** The health strip: how everything is just now. */
import { listOldestWaiting, listProviders, type OldestWaiting } from '@ai-core/store';
import type { ConsoleServices } from './console-services.ts';
import { checkServices, readDepths, readLag, readLivingWorkers, type Overview } from './overview.ts';

export interface Health {
  readonly postgres: Overview['postgres'];
  readonly queue: Overview['queue'];
  /** null: the queue did not answer. */
  readonly depths: Overview['depths'];
  /** By queue, from the ledger; null: Postgres did not answer. */
  readonly waiting: readonly OldestWaiting[] | null;
  readonly workers: Overview['workers'];
  readonly rolledUpMsAgo: number | null;
  readonly providers: readonly { readonly provider: string; readonly circuit: string }[];
}

/** Never throws: what does not answer is null and said to be unreachable. */
export async function readHealth(services: ConsoleServices): Promise<Health> {
  const { database } = services;
  const [checked, depths, workers, rolledUpMsAgo, waiting, configs] = await Promise.all([
    checkServices(services),
    readDepths(services),
    readLivingWorkers(services),
    readLag(services),
    listOldestWaiting(database).catch(() => null),
    listProviders(database).catch(() => []),
  ]);
  const names = [...new Set(configs.filter(({ isActive }) => isActive).map(({ provider }) => provider))];
  return {
    postgres: checked.postgres,
    queue: depths === null ? { state: 'unreachable', latency_ms: null, backend: checked.queue.backend } : checked.queue,
    depths,
    waiting,
    workers,
    rolledUpMsAgo,
    providers: names.map((provider) => ({ provider, circuit: configs.find((row) => row.provider === provider)?.circuit ?? 'closed' })),
  };
}
