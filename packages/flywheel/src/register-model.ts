import { findCatalogueModel, type Rates } from '@ai-core/core';
import { registerOwnModel, type Database } from '@ai-core/store';

export interface TrainedModel {
  readonly version: string;
  /** Who serves it under which name; null = the local server, under the version. */
  readonly served: { readonly provider: string; readonly model: string } | null;
  readonly baseModel: string;
}

/** Tuned models cost twice what their base model costs at OpenAI; what a local server costs is not counted. */
const TUNED_FACTOR = 2n;

function tunedRates({ served, baseModel }: TrainedModel): Partial<Rates> {
  if (served === null || served.provider === 'local_small_model') return { input: 0n, output: 0n, cachedInput: 0n };
  const base = findCatalogueModel(served.provider, baseModel.replace(/-\d{4}-\d{2}-\d{2}$/, ''))?.prices.at(-1)?.rates;
  const twice = (rate: string | bigint | null | undefined): bigint | null => (rate == null ? null : BigInt(rate) * TUNED_FACTOR);
  return { input: twice(base?.input), output: twice(base?.output), cachedInput: twice(base?.cachedInput) };
}

/**
 * Makes a trained model known as `local_small_model/<version>`: it can be asked by name and takes no traffic of its own until it is deployed.
 * A model that is known already stays as it is.
 */
export async function registerModel(database: Database, model: TrainedModel): Promise<void> {
  const rates = tunedRates(model);
  await registerOwnModel(database, {
    version: model.version,
    servedBy: model.served,
    inputNanoUsd: rates.input ?? null,
    outputNanoUsd: rates.output ?? null,
    cachedInputNanoUsd: rates.cachedInput ?? null,
    source: model.served === null ? 'own model' : `tuned from ${model.baseModel}`,
  });
}
