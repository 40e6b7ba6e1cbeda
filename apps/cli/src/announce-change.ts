import { CHANGES_TOPIC, openQueue } from '@ai-core/queue';
import type { Connection } from './verb.ts';

/** Every process forgets what it knows of `what`. One that does not hear of it notices within 5 seconds. */
export async function announceChange({ databaseUrl, redisUrl }: Connection, what: string): Promise<void> {
  const queue = await openQueue({ databaseUrl, redisUrl, onError: () => undefined });
  try {
    await queue.messages.publish([{ topic: CHANGES_TOPIC, text: what }]);
  } finally {
    await queue.close();
  }
}
