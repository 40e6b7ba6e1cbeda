import { AiCoreError } from '@ai-core/core';
import { listEvaluations, loadCatalogueSnapshot, OWN_PROVIDER, type Database, type NamedModel } from '@ai-core/store';

/**
 * What a version is compared with when nobody says: what it was compared with before, else the cheapest model of others that is served.
 * @throws NO_MODEL_AVAILABLE when there is none
 */
export async function findIncumbent(database: Database, version: string): Promise<NamedModel> {
  const last = (await listEvaluations(database, version)).at(0);
  if (last !== undefined) return last.against;
  const { configs, servedQueues } = await loadCatalogueSnapshot(database);
  const usable = configs.filter(
    (config) =>
      config.kind === 'text' &&
      config.tier === 'cheap' &&
      config.isActive &&
      config.provider !== OWN_PROVIDER &&
      servedQueues.has(`text-${config.provider}`),
  );
  const cheapest = usable.toSorted(
    (one, two) => (one.costPerMillionTokens ?? Number.POSITIVE_INFINITY) - (two.costPerMillionTokens ?? Number.POSITIVE_INFINITY),
  )[0];
  if (cheapest === undefined)
    throw new AiCoreError('NO_MODEL_AVAILABLE', 'no other cheap model is there to compare with; name one to compare with');
  return { provider: cheapest.provider, model: cheapest.modelName };
}
