import { CHANGES_TOPIC } from '@ai-core/queue';
import { noteVendorModels, refreshOrder, retireEnded, type Act } from '@ai-core/store';
import type { Services } from '../services.ts';

const TIMEOUTS = { connect: 5_000, firstByte: 15_000, idle: 10_000, total: 60_000 } as const;

/** Reads the list of models where this process has the key. A vendor that does not answer changes nothing. */
async function readVendorList(services: Services, act: Act): Promise<void> {
  const { access, providersModule } = services.providerSource;
  if (access.openai?.apiKey === undefined || providersModule !== undefined) return;
  try {
    const provider = await services.providerFor('openai');
    const models = (await provider.listModels?.({ signal: services.handBack, timeouts: TIMEOUTS })) ?? [];
    const changed = await noteVendorModels(act, { provider: 'openai', models });
    if (changed.length > 0) services.log.warn({ models: changed }, 'the vendor has changed what it lists');
  } catch (error) {
    if (!services.isStopping())
      services.log.warn({ provider: 'openai', err: error }, 'the list of models could not be read; what is known stays');
  }
}

/** Models whose last day has come are retired, vendors are asked for new last days, and the order follows the prices of the day. */
export async function checkLifecycles(services: Services, day: string): Promise<void> {
  const act: Act = {
    database: services.database,
    actor: 'check-lifecycles',
    announce: () => services.queue.messages.publish([{ topic: CHANGES_TOPIC, text: 'check-lifecycles' }]),
  };
  await readVendorList(services, act);
  const retired = await retireEnded(act, day);
  if (retired.length > 0) services.log.warn({ models: retired }, 'models have reached their last day and are retired');
  await refreshOrder(services.database);
}
