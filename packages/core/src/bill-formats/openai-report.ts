/**
 * OpenAI's organization API: `/v1/organization/costs` grouped by line_item, and `/v1/organization/usage/completions` or
 * `/usage/audio_speeches` grouped by model. Daily buckets of UTC. Amounts are US dollars.
 */
import { z } from 'zod';
import { billFault, type BillFormat } from '../bill-format.ts';
import { parseBillAmount } from '../parse-bill-amount.ts';
import type { BilledLine } from '../provider-bill.ts';
import { NO_USAGE } from '../usage.ts';
import { daysBetween, hasBuckets, readBuckets } from './bucket-pages.ts';

const count = z.number().int().min(0).default(0);

const Cost = z.object({
  object: z.literal('organization.costs.result'),
  amount: z.object({ value: z.union([z.number(), z.string()]), currency: z.string() }),
  line_item: z.string().min(1, 'the costs must be grouped by line_item').nullish(),
});
const Use = z.object({
  object: z.enum(['organization.usage.completions.result', 'organization.usage.audio_speeches.result']),
  model: z.string().nullish(),
  num_model_requests: z.number().int().min(0),
  input_tokens: count,
  output_tokens: count,
  input_cached_tokens: count,
  characters: count,
  batch: z.boolean().nullish(),
});
const Bucket = z.object({
  object: z.literal('bucket'),
  start_time: z.number().int().min(0),
  end_time: z.number().int().min(0),
  results: z.array(z.discriminatedUnion('object', [Cost, Use])),
});
type Result = z.infer<typeof Bucket>['results'][number];

function readCost(result: z.infer<typeof Cost>, place: string, day: string): BilledLine {
  if (result.amount.currency.toLowerCase() !== 'usd') throw billFault(place, `the currency is ${result.amount.currency}, not usd`);
  const amount = parseBillAmount(String(result.amount.value));
  if (amount === null) throw billFault(place, 'amount.value is not a decimal number');
  if (!result.line_item) throw billFault(place, 'the costs must be grouped by line_item, or no model can be told');
  // `gpt-4o-2024-08-06, cached input`: the model, then what of it.
  const [model = ''] = result.line_item.split(',');
  const { nanoUsd: costNanoUsd, decimals } = amount;
  return { place, day, model: model.trim(), requestId: null, costNanoUsd, decimals, calls: null, usage: null };
}

function readUse(result: z.infer<typeof Use>, place: string, day: string): BilledLine {
  if (!result.model) throw billFault(place, 'the usage must be grouped by model');
  const usage = {
    ...NO_USAGE,
    inputTokens: result.input_tokens,
    cacheReadTokens: result.input_cached_tokens,
    outputTokens: result.output_tokens,
    characters: result.characters,
    batch: result.batch === true,
  };
  return { place, day, model: result.model, requestId: null, costNanoUsd: null, decimals: null, calls: result.num_model_requests, usage };
}

const readResult = (result: Result, place: string, day: string): BilledLine =>
  result.object === 'organization.costs.result' ? readCost(result, place, day) : readUse(result, place, day);

export const openaiReport: BillFormat = {
  provider: 'openai',
  recognises: (content) => hasBuckets(content, z.object({ object: z.literal('bucket') })),
  read(content) {
    const buckets = readBuckets(content, Bucket).map(({ place, bucket }) => ({
      place,
      results: bucket.results,
      days: daysBetween(new Date(bucket.start_time * 1000), new Date(bucket.end_time * 1000)),
    }));
    const lines = buckets.flatMap(({ place, days, results }) => {
      const [day] = days;
      if (day === undefined || days.length > 1) throw billFault(place, 'a bucket must be a day or less; fetch with bucket_width=1d');
      return results.map((result, index) => readResult(result, `${place}.results[${index}]`, day));
    });
    return { timeZone: 'UTC', lines, ignored: 0, days: buckets.flatMap(({ days }) => days) };
  },
};
