import { userInfo } from 'node:os';
import { CHANGES_TOPIC, openQueue } from '@ai-core/queue';
import type { Act } from '@ai-core/store';
import type { VerbContext } from './verb.ts';

/** Who acts when nobody is named: the account this command runs under. */
function accountName(): string {
  try {
    return `${userInfo().username} (ai-core)`;
  } catch {
    return 'ai-core';
  }
}

/** An act of the person at this command line, `--by` names them; every process hears of it at once. */
export async function openAct({ options, output, connect }: VerbContext): Promise<Act> {
  const { database, databaseUrl, redisUrl } = await connect();
  const by = options['by'];

  async function announce(): Promise<void> {
    const queue = await openQueue({ databaseUrl, redisUrl, onError: () => undefined });
    try {
      await queue.messages.publish([{ topic: CHANGES_TOPIC, text: 'ai-core' }]);
    } catch (error) {
      output.note('the queue is unreachable; other processes notice the change within 5 seconds');
      throw error;
    } finally {
      await queue.close().catch(() => undefined);
    }
  }
  return { database, actor: typeof by === 'string' && by.trim() !== '' ? by.trim() : accountName(), announce };
}
