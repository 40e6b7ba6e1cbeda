import { judgeCanaries, watchCanaries } from '@ai-core/flywheel';
import { CHANGES_TOPIC } from '@ai-core/queue';
import { listCanaries } from '@ai-core/store';
import type { Services } from '../services.ts';

/** Watches the own model in traffic: a judge sees a share of the answers, then the test says what becomes of it. */
export async function watchOwnModels(services: Services): Promise<void> {
  const { database, log } = services;
  const canaries = await listCanaries(database);
  for (const { simulated } of canaries) {
    await judgeCanaries({ database, aiCore: await services.aiCoreFor(simulated) }).catch((error: unknown) =>
      log.warn({ err: error }, 'the judge of own models could not be asked'),
    );
  }
  for (const { version, share, decision } of await watchCanaries(database)) {
    if (decision.action === 'continue') continue;
    log.info({ version, share, action: decision.action, because: decision.because }, 'the own model in traffic was judged');
    await services.queue.messages.publish([{ topic: CHANGES_TOPIC, text: 'own-model' }]).catch(() => undefined);
  }
}
