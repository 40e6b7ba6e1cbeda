/**
 * LiteLLM's map `model_prices_and_context_window.json`: one object per model, prices in US dollars for one token or character.
 * Source of the names: github.com/BerriAI/litellm (MIT).
 */
import { z } from 'zod';
import { PRICE_LIST_PROVIDERS, rateFromOne, type PriceOffer } from './price-offer.ts';
import type { Rates } from './price.ts';

const usd = z.number().min(0).max(1).optional();

const EntrySchema = z.object({
  litellm_provider: z.string().optional(),
  mode: z.string().optional(),
  input_cost_per_token: usd,
  output_cost_per_token: usd,
  cache_read_input_token_cost: usd,
  cache_creation_input_token_cost: usd,
  cache_creation_input_token_cost_above_1hr: usd,
  input_cost_per_character: usd,
  output_cost_per_audio_token: usd,
  input_cost_per_token_batches: usd,
  deprecation_date: z.string().optional(),
});
type Entry = z.infer<typeof EntrySchema>;

const MODES = ['chat', 'responses', 'audio_speech'];
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const LONG =
  /^(input_cost_per_token|output_cost_per_token|cache_read_input_token_cost|cache_creation_input_token_cost)_above_(\d+)k_tokens$/;

const RATES = {
  input: 'input_cost_per_token',
  output: 'output_cost_per_token',
  cachedInput: 'cache_read_input_token_cost',
  cacheWrite: 'cache_creation_input_token_cost',
  cacheWriteLong: 'cache_creation_input_token_cost_above_1hr',
  characters: 'input_cost_per_character',
  audioOutput: 'output_cost_per_audio_token',
} as const satisfies Record<keyof Rates, keyof Entry>;

const LONG_RATES: Readonly<Record<string, keyof Rates>> = {
  input_cost_per_token: 'input',
  output_cost_per_token: 'output',
  cache_read_input_token_cost: 'cachedInput',
  cache_creation_input_token_cost: 'cacheWrite',
};

function readRates(entry: Entry): Partial<Rates> {
  const stated = Object.entries(RATES).flatMap(([rate, field]) => {
    const cost = entry[field];
    return typeof cost === 'number' ? [[rate, rateFromOne(cost)] as const] : [];
  });
  return Object.fromEntries(stated);
}

function readLongContext(raw: object): PriceOffer['longContext'] {
  let above = 0;
  const rates: Record<string, bigint> = {};
  for (const [field, value] of Object.entries(raw)) {
    const match = LONG.exec(field);
    const rate = LONG_RATES[match?.[1] ?? ''];
    if (rate === undefined || typeof value !== 'number') continue;
    above = Number(match?.[2]) * 1_000;
    rates[rate] = rateFromOne(value);
  }
  return above === 0 ? undefined : { above, rates };
}

function readBatch({ input_cost_per_token: full, input_cost_per_token_batches: batch }: Entry): number | undefined {
  return full === undefined || full === 0 || batch === undefined ? undefined : Math.round((batch / full) * 10_000);
}

/** @returns true when the document has this list's shape */
export function isLitellmPrices(document: unknown): document is Readonly<Record<string, object>> {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) return false;
  return Object.values(document).some((entry) => typeof entry === 'object' && entry !== null && 'litellm_provider' in entry);
}

/** The prices of the vendors AI Core can call; entries it cannot read and models of other kinds are left out. */
export function readLitellmPrices(document: Readonly<Record<string, unknown>>): PriceOffer[] {
  const offers = new Map<string, PriceOffer>();
  for (const [key, raw] of Object.entries(document)) {
    const parsed = EntrySchema.safeParse(raw);
    if (!parsed.success || typeof raw !== 'object' || raw === null) continue;
    const entry = parsed.data;
    const provider = PRICE_LIST_PROVIDERS[entry.litellm_provider ?? ''];
    if (provider === undefined || !MODES.includes(entry.mode ?? '')) continue;
    const prefix = `${entry.litellm_provider}/`;
    const modelName = key.startsWith(prefix) ? key.slice(prefix.length) : key;
    const rates = readRates(entry);
    if (Object.keys(rates).length === 0 || offers.has(`${provider}/${modelName}`)) continue;
    offers.set(`${provider}/${modelName}`, {
      provider,
      modelName,
      effectiveFrom: null,
      rates,
      batchBasisPoints: readBatch(entry),
      longContext: readLongContext(raw),
      deprecatedOn: DAY.test(entry.deprecation_date ?? '') ? (entry.deprecation_date ?? null) : null,
    });
  }
  return [...offers.values()];
}
