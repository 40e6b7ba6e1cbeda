/** Whatever decides the answer is in the hash: what stands outside a request's options is put into them first. */
import { CONTEXTS_OPTION } from './contexts.ts';
import { formatMoney } from './format-money.ts';
import { TIERS } from './model.ts';
import type { Tier } from './model.ts';
import { narrowedTiers } from './narrowing.ts';
import type { Narrowing } from './narrowing.ts';
import type { Json, SelectionMode } from './request.ts';
import { hasToolMessages, wantsTools } from './tool-call.ts';

/** Option names that only AI Core sets; a caller's own request may not carry them. */
export const RESERVED_OPTIONS: ReadonlySet<string> = new Set([
  'messages',
  'tools',
  'max_tier',
  'allowed_tiers',
  'allowed_models',
  'max_cost_usd',
  CONTEXTS_OPTION,
]);

/** What besides the prompt and the options decides an answer. Absent = does not apply. */
export interface AnswerDeciders {
  readonly options?: Readonly<Record<string, Json>> | null | undefined;
  readonly selectionMode: SelectionMode;
  /** The whole conversation of a chat. */
  readonly messages?: Json | undefined;
  readonly responseFormat?: Json | undefined;
  readonly tools?: Json | undefined;
  /** From a model name `auto:cheap`, `auto:normal` or `auto:premium`. */
  readonly autoTier?: Tier | undefined;
  /** From the policy of the user's category. */
  readonly narrowing?: Narrowing | undefined;
  readonly maxCostNanoUsd?: bigint | undefined;
  /** Name and SHA-256 of the contexts the request names. */
  readonly contexts?: readonly { readonly name: string; readonly sha256: string }[] | undefined;
}

function narrowingOptions(narrowing: Narrowing): Record<string, Json> {
  const added: Record<string, Json> = {};
  const tiers = narrowedTiers(narrowing);
  const maxTier = tiers?.at(-1);
  if (tiers !== null && maxTier !== undefined && maxTier !== 'premium') added['max_tier'] = maxTier;
  // A set with a hole below its dearest tier is not told by that tier alone.
  if (tiers !== null && tiers.length !== TIERS.indexOf(tiers.at(-1) ?? 'cheap') + 1) added['allowed_tiers'] = [...tiers];
  if (narrowing.allowedModels !== null) added['allowed_models'] = [...new Set(narrowing.allowedModels)].toSorted();
  return added;
}

/**
 * The options to hash and to send: the caller's own, plus `messages`, `response_format`, `tools`, `tier` or `quality` (from an
 * `auto:` name), `max_tier`, `allowed_tiers` and `allowed_models` (when a policy narrowed the choice) and `max_cost_usd`.
 * `contexts` is name and SHA-256 of the contexts the request names.
 * `fallback` stays only where it means something: in manual mode, when true.
 */
export function decideHashOptions(deciders: AnswerDeciders): Record<string, Json> {
  const { fallback, ...own } = deciders.options ?? {};
  const { messages, responseFormat, tools, autoTier, narrowing, maxCostNanoUsd, contexts = [] } = deciders;
  return {
    ...own,
    ...(messages === undefined ? {} : { messages }),
    ...(responseFormat === undefined ? {} : { response_format: responseFormat }),
    ...(tools === undefined ? {} : { tools }),
    ...(autoTier === undefined ? {} : autoTier === 'premium' ? { quality: 'premium' } : { tier: autoTier }),
    ...(narrowing === undefined ? {} : narrowingOptions(narrowing)),
    ...(fallback === true && deciders.selectionMode === 'manual' ? { fallback: true } : {}),
    ...(maxCostNanoUsd === undefined ? {} : { max_cost_usd: formatMoney(maxCostNanoUsd) }),
    ...(contexts.length === 0 ? {} : { [CONTEXTS_OPTION]: Object.fromEntries(contexts.map(({ name, sha256 }) => [name, sha256])) }),
  };
}

/** @returns false for answers that belong to one caller alone: calls of functions are part of that caller's own conversation */
export function isShareable(options: Readonly<Record<string, Json>>): boolean {
  return !wantsTools(options) && !hasToolMessages(options['messages']);
}
