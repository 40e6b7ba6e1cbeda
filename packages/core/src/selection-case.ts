/** Situations for the tests of the choice of a model. */
import { listCatalogue } from './catalogue.ts';
import type { ProviderConfig } from './model.ts';
import { UNNARROWED } from './narrowing.ts';
import { ROLES } from './provider-facts.ts';
import { resolvePolicy } from './request-type-policy.ts';
import { selectModel } from './select-model.ts';
import type { SelectionReason } from './select-model.ts';
import type { RequestFacts, SelectionInput } from './selection-rules.ts';

const TODAY = '2026-11-24';
/** The configurations that setup makes of a set. */
export const rows = (set: 'current' | 'seed', today = TODAY): ProviderConfig[] =>
  listCatalogue(set, today).map(({ config }) => ({ id: `${config.provider}/${config.modelName}`, ...config }));

/** A cheap text model of OpenAI that nothing is wrong with. */
export const config = (modelName: string, changes: Partial<ProviderConfig> = {}): ProviderConfig => ({
  id: modelName,
  provider: 'openai',
  modelName,
  kind: 'text',
  tier: 'cheap',
  costPerMillionTokens: 1,
  costPerRequest: null,
  qualityScore: 0.8,
  isActive: true,
  isDefault: false,
  maxTokens: 100_000,
  maxOutputTokens: 10_000,
  capabilities: {},
  lifecycle: 'active',
  shutdownDate: null,
  successor: null,
  limits: {},
  trafficShare: null,
  baseUrl: null,
  ...changes,
});

/** What differs from an ordinary request for a quiz with everything up. */
export interface Case extends Partial<Omit<SelectionInput, 'request'>> {
  readonly type?: string;
  readonly request?: Partial<RequestFacts>;
}

export function input({ type = 'quiz_generation', request, ...rest }: Case = {}): SelectionInput {
  return {
    request: { kind: 'text', promptHash: 'a'.repeat(64), options: {}, selectionMode: 'auto', ...request },
    policy: resolvePolicy([], type),
    configs: rows('current'),
    presence: new Set(ROLES),
    openCircuits: new Set(),
    today: TODAY,
    estimatedInputTokens: 100,
    narrowing: UNNARROWED,
    ...rest,
  };
}

/** Names of the candidates, in order. */
export const chain = (changes: Case): string[] => selectModel(input(changes)).candidates.map(({ modelName }) => modelName);
/** The reason the explanation gives for one model. */
export const reasonOf = (changes: Case, model: string): SelectionReason | undefined =>
  selectModel(input(changes)).explanation.find((line) => line.model === model)?.reason;
