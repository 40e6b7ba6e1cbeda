/** In which order usable models are tried. */
import type { Lifecycle, ProviderConfig } from './model.ts';
import { gateOf } from './selection-rules.ts';
import type { SelectionInput } from './selection-rules.ts';

type Comparison = (one: ProviderConfig, two: ProviderConfig) => number;

/** The first comparison that tells two models apart decides. */
function inTurn(...comparisons: Comparison[]): Comparison {
  return (one, two) => {
    for (const comparison of comparisons) {
      const order = comparison(one, two);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function ascending(rank: (config: ProviderConfig) => number): Comparison {
  return (one, two) => {
    const [first, second] = [rank(one), rank(two)];
    return first === second ? 0 : first - second;
  };
}

const LIFECYCLE_RANK = { active: 0, deprecated: 1, retired: 2 } as const satisfies Record<Lifecycle, number>;

/** An unknown price comes last: it may be any. */
const byCost = ascending((config) => config.costPerMillionTokens ?? Number.POSITIVE_INFINITY);
const byCostPerRequest = ascending((config) => config.costPerRequest ?? 0);
const byQuality = ascending((config) => -config.qualityScore);
/** No two models have one name, so the order is total and the same everywhere. */
const byName: Comparison = (one, two) => {
  const [first, second] = [`${one.provider}/${one.modelName}`, `${two.provider}/${two.modelName}`];
  return first < second ? -1 : Number(first > second);
};

/** @returns true for the default of its tier when it is a deployed own model with an open gate */
export function isPreferredOwn(config: ProviderConfig, input: SelectionInput): boolean {
  return config.isDefault && gateOf(config, input) === 'open';
}

/** Text of one tier: the deployed own model, then by cost, then by quality. */
export function orderText(configs: readonly ProviderConfig[], input: SelectionInput): ProviderConfig[] {
  // Of two own models the one in canary: who is in its share is to meet it.
  const ownFirst = ascending((config) => (isPreferredOwn(config, input) ? (config.trafficShare === null ? 1 : 0) : 2));
  return configs.toSorted(inTurn(ownFirst, byCost, byCostPerRequest, byQuality, byName));
}

function isElevenLabs(config: ProviderConfig): boolean {
  return config.provider === 'elevenlabs';
}

/**
 * Speech, whatever the tier: ElevenLabs first, its default engine before others; then engines that stay before engines that
 * are announced to end, so that OpenAI's family is the last resort while it lives; then by cost and quality.
 */
export function orderAudio(configs: readonly ProviderConfig[]): ProviderConfig[] {
  const elevenLabsFirst = ascending((config) => (isElevenLabs(config) ? 0 : 1));
  const itsDefaultFirst = ascending((config) => (isElevenLabs(config) && config.isDefault ? 0 : 1));
  const byLifecycle = ascending((config) => LIFECYCLE_RANK[config.lifecycle]);
  return configs.toSorted(inTurn(elevenLabsFirst, byLifecycle, itsDefaultFirst, byCost, byCostPerRequest, byQuality, byName));
}
