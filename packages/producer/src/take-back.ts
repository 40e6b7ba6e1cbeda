import { inboxTopic } from '@ai-core/queue';
import { cancel } from '@ai-core/store';
import type { Connections } from './connections.ts';

/**
 * One caller leaves, or with `requestId` null all do; the others that share the job are told only when it is cancelled for all.
 * @returns what became of the job
 */
export async function takeBack(
  connections: Connections,
  jobId: string,
  requestId: string | null,
): Promise<'left' | 'cancelled' | 'finished' | 'unknown'> {
  const { outcome, replyTo } = await cancel(connections.database, jobId, requestId);
  if (replyTo.length > 0) {
    await connections.queue.messages
      .publish(replyTo.map((inbox) => ({ topic: inboxTopic(inbox), text: jobId })))
      .catch(connections.onError);
  }
  return outcome;
}
