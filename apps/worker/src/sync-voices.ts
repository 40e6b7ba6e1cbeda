import { queueOf, type ProviderName } from '@ai-core/core';
import { replaceVoices } from '@ai-core/store';
import type { Services } from './services.ts';

/** Providers whose accounts have voices of their own. The others' adapters are not loaded before they are needed. */
const WITH_OWN_VOICES: readonly ProviderName[] = ['elevenlabs'];
const TIMEOUTS = { connect: 5_000, firstByte: 15_000, idle: 10_000, total: 60_000 } as const;

/**
 * Reads which voices our accounts have, so that requests can name them: before a request is hashed a name becomes an id, in processes
 * that have no key. A provider that does not answer keeps the voices it had.
 */
export async function syncVoices(services: Services): Promise<void> {
  for (const name of WITH_OWN_VOICES) {
    const queue = queueOf(name, 'audio');
    if (queue === undefined || !services.servedQueues.has(queue)) continue;
    try {
      const provider = await services.providerFor(name);
      if (provider.listVoices === undefined) continue;
      await replaceVoices(services.database, name, await provider.listVoices({ signal: services.handBack, timeouts: TIMEOUTS }));
    } catch (error) {
      if (!services.isStopping())
        services.log.warn({ provider: name, err: error }, 'the voices of the account could not be read; those known stay');
    }
  }
}
