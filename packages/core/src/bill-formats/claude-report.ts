/**
 * Anthropic's admin API: `/v1/organizations/cost_report` grouped by description, and `/v1/organizations/usage_report/messages`
 * grouped by model. Buckets of UTC. Amounts are decimal strings of cents.
 */
import { z } from 'zod';
import { billFault, type BillFormat } from '../bill-format.ts';
import { parseBillAmount } from '../parse-bill-amount.ts';
import type { BilledLine } from '../provider-bill.ts';
import { NO_USAGE } from '../usage.ts';
import { daysBetween, hasBuckets, readBuckets } from './bucket-pages.ts';

const count = z.number().int().min(0).default(0);

const Cost = z.object({
  amount: z.string(),
  currency: z.string(),
  model: z.string().nullish(),
  description: z.string().nullish(),
});
const Use = z.object({
  uncached_input_tokens: z.number().int().min(0),
  cache_creation: z.object({ ephemeral_1h_input_tokens: count, ephemeral_5m_input_tokens: count }).nullish(),
  cache_read_input_tokens: count,
  output_tokens: z.number().int().min(0),
  model: z.string().nullish(),
  service_tier: z.string().nullish(),
});
const Bucket = z.object({
  starting_at: z.iso.datetime({ offset: true }),
  ending_at: z.iso.datetime({ offset: true }),
  results: z.array(z.record(z.string(), z.unknown())),
});

function readCost(result: z.infer<typeof Cost>, place: string, day: string): BilledLine {
  if (result.currency.toUpperCase() !== 'USD') throw billFault(place, `the currency is ${result.currency}, not USD`);
  const amount = parseBillAmount(result.amount, 2);
  if (amount === null) throw billFault(place, 'amount is not a decimal number of cents');
  const model = result.model ?? result.description;
  if (!model) throw billFault(place, 'the costs must be grouped by description, or no model can be told');
  return { place, day, model, requestId: null, costNanoUsd: amount.nanoUsd, decimals: amount.decimals, calls: null, usage: null };
}

function readUse(result: z.infer<typeof Use>, place: string, day: string): BilledLine {
  if (!result.model) throw billFault(place, 'the usage must be grouped by model');
  const short = result.cache_creation?.ephemeral_5m_input_tokens ?? 0;
  const long = result.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  const usage = {
    ...NO_USAGE,
    inputTokens: result.uncached_input_tokens + short + long + result.cache_read_input_tokens,
    cacheReadTokens: result.cache_read_input_tokens,
    cacheWriteTokens: short,
    cacheWriteLongTokens: long,
    outputTokens: result.output_tokens,
    batch: result.service_tier === 'batch',
  };
  return { place, day, model: result.model, requestId: null, costNanoUsd: null, decimals: null, calls: null, usage };
}

function readResult(result: Record<string, unknown>, place: string, day: string): BilledLine {
  const cost = Cost.safeParse(result);
  if (cost.success) return readCost(cost.data, place, day);
  const use = Use.safeParse(result);
  if (use.success) return readUse(use.data, place, day);
  throw billFault(place, 'it is neither a result of cost_report nor one of usage_report/messages');
}

export const claudeReport: BillFormat = {
  provider: 'claude',
  recognises: (content) => hasBuckets(content, z.object({ starting_at: z.string(), results: z.array(z.unknown()) })),
  read(content) {
    const buckets = readBuckets(content, Bucket).map(({ place, bucket }) => ({
      place,
      results: bucket.results,
      days: daysBetween(new Date(bucket.starting_at), new Date(bucket.ending_at)),
    }));
    const lines = buckets.flatMap(({ place, days, results }) => {
      const [day] = days;
      if (day === undefined || days.length > 1) throw billFault(place, 'a bucket must be a day or less; fetch with bucket_width=1d');
      return results.map((result, index) => readResult(result, `${place}.results[${index}]`, day));
    });
    return { timeZone: 'UTC', lines, ignored: 0, days: buckets.flatMap(({ days }) => days) };
  },
};
