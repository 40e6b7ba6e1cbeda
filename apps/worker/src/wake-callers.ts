import { inboxTopic, type Message } from '@ai-core/queue';
import type { Services } from './services.ts';

/**
 * Tells the processes that wait for a job to look at the ledger. Called after the commit. A hint that cannot be sent is not
 * tried again: every waiting process looks by itself each second.
 */
export function wakeCallers(services: Services, jobId: string, replyTo: readonly string[]): void {
  if (replyTo.length === 0) return;
  const messages: Message[] = replyTo.map((inbox) => ({ topic: inboxTopic(inbox), text: jobId }));
  services.queue.messages
    .publish(messages)
    .catch((error: unknown) => services.log.debug({ jobId, err: error }, 'a wake-up could not be sent'));
}
