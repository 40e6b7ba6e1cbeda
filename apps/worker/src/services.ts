import type { KeyObject } from 'node:crypto';
import type { ClosingRule, ProviderName } from '@ai-core/core';
import type { Provider } from '@ai-core/providers';
import type { QueueBackend } from '@ai-core/queue';
import type { ClaimedJob, Claim, ClaimRequest, Database, NamedLocks, Objects, Settlement, SnapshotCache } from '@ai-core/store';
import type { AiCore } from '@ai-core/producer';
import type { ProviderSource } from './load-provider.ts';
import type { Spool } from './spool.ts';
import type { TrainingSettings } from './training-settings.ts';
import type { TextStreams } from './text-streams.ts';

/** What the apps' logger must be able to do; pino's is one. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Everything a handler may use. Made once per process by start-worker.ts. */
export interface Services {
  readonly database: Database;
  readonly queue: QueueBackend;
  readonly snapshots: SnapshotCache;
  /** Where MP3s go; undefined = this process does not speak. */
  readonly objects: Objects | undefined;
  /** Opens personal data that has to be said; undefined = this process cannot. */
  readonly sealKey: KeyObject | undefined;
  readonly log: Log;
  readonly workerId: () => string;
  /** Ids of the jobs this process has in hand: claimed and not yet settled, spooled answers included. */
  readonly held: Set<string>;
  readonly claim: (request: ClaimRequest) => Promise<Claim>;
  readonly settle: (answer: Record<string, unknown>) => Promise<Settlement>;
  readonly spool: Spool;
  /** Keeps two workers from buying the same part of a speech. */
  readonly locks: NamedLocks;
  readonly textStreams: TextStreams;
  /** Provider queues this process serves. */
  readonly servedQueues: ReadonlySet<string>;
  readonly providerSource: ProviderSource;
  readonly providerFor: (name: ProviderName) => Promise<Provider>;
  /** Aborted when the process has to stop at once: calls under way are cut and handed back. */
  readonly handBack: AbortSignal;
  /** True as soon as the process is stopping. */
  readonly isStopping: () => boolean;
  readonly settings: WorkerSettings;
  /** What this process can train with. */
  readonly training: TrainingSettings;
  /** A producer of this process, for what house-keeping asks models; opened when it is first needed. */
  readonly aiCoreFor: (simulated: boolean) => Promise<AiCore>;
}

export interface WorkerSettings {
  /** Undelivered jobs of one caller a queue may hold. */
  readonly dispatchWindow: number;
  /** How long the outcome of a call may stay unknown before its usage row is written, in milliseconds. */
  readonly unknownGraceMs: number;
  /** How long a provider call may take when the request type says nothing, in milliseconds. */
  readonly callTimeoutMs: number;
  readonly batches: BatchSettings;
}

export interface BatchSettings extends ClosingRule {
  /** Time between two looks at a batch that the provider works on, in milliseconds. */
  readonly pollMs: number;
  /**
   * How long it stays in doubt whether the provider has a batch whose handing over was never answered, in milliseconds. Longer than
   * any call can last.
   */
  readonly doubtMs: number;
}

/** One claimed job on its way through a handler. */
export type JobHandler = (services: Services, job: ClaimedJob) => Promise<void>;
