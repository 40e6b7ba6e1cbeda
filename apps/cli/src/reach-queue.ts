import { AiCoreError } from '@ai-core/core';
import { openQueue } from '@ai-core/queue';

/** Where the queue is kept. */
export interface QueueAddress {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
}

/** The queue's service for people, never with a password. */
export function nameQueueService({ databaseUrl, redisUrl }: QueueAddress): string {
  return redisUrl === undefined ? `Postgres at ${new URL(databaseUrl).host}` : `Redis at ${new URL(redisUrl).host}`;
}

/**
 * Asks the queue how much waits in it.
 * @returns the number of waiting messages in all lanes
 * @throws STORE_UNAVAILABLE that names the service
 */
export async function reachQueue(address: QueueAddress): Promise<number> {
  const queue = await openQueue({ ...address, onError: () => undefined });
  try {
    const depths = await queue.depths();
    return depths.reduce((sum, depth) => sum + depth.waiting, 0);
  } catch (cause) {
    throw new AiCoreError('STORE_UNAVAILABLE', `${nameQueueService(address)}, which holds the queue, cannot be reached`, { cause });
  } finally {
    await queue.close().catch(() => undefined);
  }
}
