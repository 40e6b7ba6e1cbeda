import type { AiCore } from '@ai-core/producer';
import type { QueueBackend } from '@ai-core/queue';
import type { Logger } from '@ai-core/runtime';
import type { Database, SnapshotCache } from '@ai-core/store';
import type { GatewayMetrics } from './gateway-metrics.ts';
import type { WebhookPolicy } from './webhook-target.ts';

/** What handlers work with. */
export interface GatewayServices {
  readonly aiCore: AiCore;
  readonly database: Database;
  readonly queue: QueueBackend;
  readonly snapshots: SnapshotCache;
  readonly simulated: boolean;
  readonly metrics: GatewayMetrics;
  readonly webhooks: WebhookPolicy;
  readonly log: Logger;
}
