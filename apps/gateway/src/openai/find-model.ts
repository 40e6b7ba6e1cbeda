import { AiCoreError, CATALOGUE, isProviderName, TIERS, type Kind, type ProviderName, type Tier } from '@ai-core/core';
import type { CatalogueSnapshot } from '@ai-core/store';

/** What a model name of OpenAI's API means here. */
export type NamedModel =
  /** AI Core chooses, within a tier where one is named. */
  | { readonly mode: 'auto'; readonly tier: Tier | undefined }
  | { readonly mode: 'manual'; readonly provider: ProviderName; readonly model: string };

const AUTO = 'auto';
const MAX_NAME = 80;

/** Names under which AI Core chooses itself. */
export const AUTO_NAMES: readonly string[] = [AUTO, ...TIERS.map((tier) => `${AUTO}:${tier}`)];

/**
 * Finds the model a name means: `auto`, `auto:cheap`, a model's own name, or `provider/model`.
 * @throws MODEL_UNKNOWN
 */
export function findModel(snapshot: CatalogueSnapshot, name: string, kind: Kind): NamedModel {
  if (name === AUTO) return { mode: 'auto', tier: undefined };
  const tier = TIERS.find((known) => name === `${AUTO}:${known}`);
  if (tier !== undefined) return { mode: 'auto', tier };

  const [prefix = '', ...rest] = name.split('/');
  if (isProviderName(prefix) && rest.length > 0) return { mode: 'manual', provider: prefix, model: rest.join('/') };

  const configured = snapshot.configs.filter((config) => config.kind === kind && config.modelName === name);
  const chosen =
    configured.find((config) => config.isActive) ??
    configured[0] ??
    CATALOGUE.find((model) => model.kind === kind && model.modelName === name);
  if (chosen !== undefined) return { mode: 'manual', provider: chosen.provider, model: chosen.modelName };
  throw new AiCoreError(
    'MODEL_UNKNOWN',
    `there is no ${kind} model named ${name.slice(0, MAX_NAME)}; GET /v1/models lists them, and "auto" chooses`,
  );
}
