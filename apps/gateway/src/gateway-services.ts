import type { AiCore } from '@ai-core/producer';
import type { QueueBackend } from '@ai-core/queue';
import type { Logger } from '@ai-core/runtime';
import type { Database, SnapshotCache } from '@ai-core/store';

/** What handlers work with. */
export interface GatewayServices {
  readonly aiCore: AiCore;
  readonly database: Database;
  readonly queue: QueueBackend;
  readonly snapshots: SnapshotCache;
  readonly simulated: boolean;
  readonly log: Logger;
}
