/**
 * The data of @pydantic/genai-prices: vendors with their models, prices in US dollars for a million tokens, some of them from a date on
 * and some dearer above a number of input tokens. Source of the names: github.com/pydantic/genai-prices (MIT).
 */
import { z } from 'zod';
import { PRICE_LIST_PROVIDERS, rateFromMillion, type PriceOffer } from './price-offer.ts';
import type { Rates } from './price.ts';

const TieredSchema = z.object({ base: z.number().min(0), tiers: z.array(z.object({ start: z.number(), price: z.number().min(0) })) });
const PricesSchema = z.record(z.string(), z.union([z.number().min(0), TieredSchema, z.null()]));
type Prices = z.infer<typeof PricesSchema>;

const ConditionalSchema = z.object({
  constraint: z.object({ type: z.string().optional(), start_date: z.iso.date().optional() }).nullish(),
  prices: PricesSchema,
});
const ModelSchema = z.object({
  id: z.string().min(1),
  match: z.unknown(),
  prices: z.union([z.array(ConditionalSchema), PricesSchema]),
});
const ProviderSchema = z.object({ id: z.string(), models: z.array(z.unknown()) });

const RATES: Readonly<Record<string, keyof Rates>> = {
  input_mtok: 'input',
  output_mtok: 'output',
  cache_read_mtok: 'cachedInput',
  cache_write_mtok: 'cacheWrite',
  output_audio_mtok: 'audioOutput',
};
const PER_THOUSAND_REQUESTS = 'requests_kcount';

/** Names that mean this model and no other: rules by prefix or pattern would also take in its dearer or cheaper sisters. */
function namesOf(id: string, match: unknown): string[] {
  const exact = (rule: unknown): string[] => {
    if (typeof rule !== 'object' || rule === null) return [];
    if ('equals' in rule && typeof rule.equals === 'string') return [rule.equals];
    return 'or' in rule && Array.isArray(rule.or) ? rule.or.flatMap(exact) : [];
  };
  return [...new Set([id, ...exact(match)])];
}

function readPrices(prices: Prices): Pick<PriceOffer, 'rates' | 'longContext' | 'perRequestNanoUsd'> {
  const rates: Partial<Record<keyof Rates, bigint>> = {};
  const longRates: Partial<Record<keyof Rates, bigint>> = {};
  let above = 0;
  for (const [key, price] of Object.entries(prices)) {
    const rate = RATES[key];
    if (rate === undefined || price === null) continue;
    rates[rate] = rateFromMillion(typeof price === 'number' ? price : price.base);
    const tier = typeof price === 'number' ? undefined : price.tiers[0];
    if (tier === undefined) continue;
    above = tier.start;
    longRates[rate] = rateFromMillion(tier.price);
  }
  const thousand = prices[PER_THOUSAND_REQUESTS];
  return {
    rates,
    ...(above > 0 ? { longContext: { above, rates: longRates } } : {}),
    ...(typeof thousand === 'number' ? { perRequestNanoUsd: rateFromMillion(thousand) / 1_000n } : {}),
  };
}

function listOf(document: unknown): readonly unknown[] | undefined {
  if (Array.isArray(document)) return document;
  if (typeof document !== 'object' || document === null || !('providers' in document)) return undefined;
  return Array.isArray(document.providers) ? document.providers : undefined;
}

/** @returns true when the document has this list's shape */
export function isGenaiPrices(document: unknown): boolean {
  return listOf(document)?.some((entry) => ProviderSchema.safeParse(entry).success) ?? false;
}

/**
 * The prices of the vendors AI Core can call. Prices that hold for hours of the day cannot be told by a dated row: such models, and
 * entries that cannot be read, are left out.
 */
export function readGenaiPrices(document: unknown): PriceOffer[] {
  const offers: PriceOffer[] = [];
  for (const entry of listOf(document) ?? []) {
    const provider = ProviderSchema.safeParse(entry);
    const name = provider.success ? PRICE_LIST_PROVIDERS[provider.data.id] : undefined;
    if (!provider.success || name === undefined) continue;
    for (const raw of provider.data.models) {
      const model = ModelSchema.safeParse(raw);
      if (!model.success) continue;
      const { id, match, prices } = model.data;
      const dated = Array.isArray(prices) ? prices : [{ prices, constraint: undefined }];
      if (dated.some(({ constraint }) => constraint != null && constraint.start_date === undefined)) continue;
      for (const { prices: stated, constraint } of dated) {
        const read = readPrices(stated);
        if (Object.keys(read.rates).length === 0) continue;
        const effectiveFrom = constraint?.start_date === undefined ? null : new Date(constraint.start_date);
        for (const modelName of namesOf(id, match)) offers.push({ provider: name, modelName, effectiveFrom, deprecatedOn: null, ...read });
      }
    }
  }
  return offers;
}
