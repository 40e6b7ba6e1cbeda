import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AiCoreError, isProviderName, NO_RATES, parseMoney } from '@ai-core/core';
import { addPrices, forecastCost, listPrices, type ListedPrice } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { findProvider } from '../find-provider.ts';
import { actOf, FlagSchema, parseInput } from './api-parts.ts';

/** US dollars per million units as a decimal string. */
const Rate = z.string().transform((text) => parseMoney(text));
const NewPrice = z.object({
  effectiveFrom: z.iso.datetime().transform((text) => new Date(text)),
  inputUsd: Rate.optional(),
  outputUsd: Rate.optional(),
  cachedInputUsd: Rate.optional(),
  charactersUsd: Rate.optional(),
  source: z.string().min(1).max(500).default('console'),
});
const Query = z.object({ simulated: FlagSchema.default(false) });
const FULL_BASIS_POINTS = 10_000;

/** Rates as they go over the wire: nano-USD per million units as decimal strings. */
function toPriceJson({ rates, perRequestNanoUsd, ...price }: ListedPrice): object {
  return {
    id: price.id,
    effectiveFrom: price.effectiveFrom,
    effectiveTo: price.effectiveTo,
    isInEffect: price.isInEffect,
    ...Object.fromEntries(Object.entries(rates).map(([name, rate]: [string, bigint | null]) => [name, rate?.toString() ?? null])),
    perRequest: perRequestNanoUsd.toString(),
    batchBasisPoints: price.batchBasisPoints,
    longContextAbove: price.longContext?.above ?? null,
    source: price.source,
    checkedOn: price.checkedOn,
  };
}

/** Prices of a model as dated rows, which are only ever added, and what a day like those of late costs at each of them. */
export function registerPrices(app: FastifyInstance, services: ConsoleServices): void {
  const { database } = services;

  app.get('/api/providers/:id/prices', async (request) => {
    const { provider, modelName } = await findProvider(database, request.params);
    const { simulated } = parseInput(Query, request.query);
    const [prices, forecast] = await Promise.all([
      listPrices(database, { provider, modelName }),
      forecastCost(database, { provider, modelName, simulated }),
    ]);
    return {
      rows: prices.toReversed().map(toPriceJson),
      forecast: {
        days: forecast.days,
        callsPerDay: forecast.callsPerDay,
        todayNanoUsd: forecast.todayNanoUsd?.toString() ?? null,
        tomorrowNanoUsd: forecast.tomorrowNanoUsd?.toString() ?? null,
      },
      next: null,
    };
  });

  app.post('/api/providers/:id/prices', async (request) => {
    const { provider, modelName } = await findProvider(database, request.params);
    if (!isProviderName(provider)) throw new AiCoreError('REQUEST_INVALID', `${provider} is no provider of this version`);
    const { effectiveFrom, source, inputUsd, outputUsd, cachedInputUsd, charactersUsd } = parseInput(NewPrice, request.body);
    const given = { input: inputUsd, output: outputUsd, cachedInput: cachedInputUsd, characters: charactersUsd };
    const named = Object.fromEntries(Object.entries(given).filter(([, rate]) => rate !== undefined));
    if (Object.keys(named).length === 0) throw new AiCoreError('REQUEST_INVALID', 'name at least one price');
    // What is not named stays as it is in effect: a new price of tokens does not end the discount for batches.
    const before = (await listPrices(database, { provider, modelName })).find(({ isInEffect }) => isInEffect);
    const price = {
      provider,
      modelName,
      effectiveFrom,
      effectiveTo: null,
      rates: { ...(before?.rates ?? NO_RATES), ...named },
      perRequestNanoUsd: before?.perRequestNanoUsd ?? 0n,
      batchBasisPoints: before?.batchBasisPoints ?? FULL_BASIS_POINTS,
      longContext: before?.longContext ?? null,
    };
    const [id] = await addPrices(actOf(services, request), [price], source);
    return { id };
  });
}
