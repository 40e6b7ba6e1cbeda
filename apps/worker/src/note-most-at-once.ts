import type { ProviderName } from '@ai-core/core';
import { setMostAtOnce } from '@ai-core/store';
import type { Services } from './services.ts';

/** What each vendor has told this process, by database, so that only news is written. */
const known = new WeakMap<Services['database'], Map<ProviderName, number>>();

/**
 * Some vendors say with every answer how many calls at once the account may make (ElevenLabs: header maximum-concurrent-requests). The
 * fleet keeps to it from then on. A limit that cannot be written now comes with the next answer again.
 */
export async function noteMostAtOnce(services: Services, provider: ProviderName, mostAtOnce: number | null): Promise<void> {
  if (mostAtOnce === null) return;
  const told = known.get(services.database) ?? new Map<ProviderName, number>();
  known.set(services.database, told);
  if (told.get(provider) === mostAtOnce) return;
  try {
    await setMostAtOnce(services.database, provider, mostAtOnce);
    told.set(provider, mostAtOnce);
  } catch (error) {
    services.log.debug({ provider, err: error }, 'the number of calls a provider allows at once could not be written');
  }
}
