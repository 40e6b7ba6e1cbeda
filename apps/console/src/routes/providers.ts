import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AiCoreError, isProviderName, LIFECYCLES, parseMoney, TIERS } from '@ai-core/core';
import { addPrices, editProvider, listPrices, listProviders, type ListedProvider } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { actOf, IdParams, parseInput } from './api-parts.ts';

const Edit = z.strictObject({
  isActive: z.boolean().optional(),
  isDefault: z.boolean().optional(),
  tier: z.enum(TIERS).optional(),
  qualityScore: z.number().optional(),
  lifecycle: z.enum(LIFECYCLES).optional(),
  successor: z.string().nullable().optional(),
});
/** US dollars per million units as a decimal string. */
const Rate = z.string().transform((text) => parseMoney(text));
const NewPrice = z.object({
  effectiveFrom: z.iso.datetime().transform((text) => new Date(text)),
  inputUsd: Rate.optional(),
  outputUsd: Rate.optional(),
  charactersUsd: Rate.optional(),
  source: z.string().min(1).max(500).default('console'),
});
const FULL_BASIS_POINTS = 10_000;

/** Provider configurations: what may be chosen, what it costs. */
export function registerProviders(app: FastifyInstance, services: ConsoleServices): void {
  const { database } = services;

  async function find(params: unknown): Promise<ListedProvider> {
    const { id } = parseInput(IdParams, params);
    const found = (await listProviders(database)).find((row) => row.id === id);
    if (found === undefined) throw new AiCoreError('NOT_FOUND', 'there is no such configuration');
    return found;
  }

  app.get('/api/providers', async () => ({ rows: await listProviders(database), next: null }));

  app.patch('/api/providers/:id', async (request) => {
    const key = await find(request.params);
    await editProvider(actOf(services, request), key, parseInput(Edit, request.body));
    return { id: key.id };
  });

  app.get('/api/providers/:id/prices', async (request) => {
    const { provider, modelName } = await find(request.params);
    const prices = await listPrices(database, { provider, modelName });
    return {
      rows: prices.map((price) => ({
        id: price.id,
        effectiveFrom: price.effectiveFrom,
        effectiveTo: price.effectiveTo,
        isInEffect: price.isInEffect,
        input: price.rates.input?.toString() ?? null,
        output: price.rates.output?.toString() ?? null,
        characters: price.rates.characters?.toString() ?? null,
        source: price.source,
      })),
      next: null,
    };
  });

  app.post('/api/providers/:id/prices', async (request) => {
    const { provider, modelName } = await find(request.params);
    if (!isProviderName(provider)) throw new AiCoreError('REQUEST_INVALID', `${provider} is no provider of this version`);
    const { effectiveFrom, source, ...given } = parseInput(NewPrice, request.body);
    if (given.inputUsd === undefined && given.outputUsd === undefined && given.charactersUsd === undefined)
      throw new AiCoreError('REQUEST_INVALID', 'name at least one price');
    // What is not named stays as it is in effect: a new price of tokens does not end the discount for batches.
    const before = (await listPrices(database, { provider, modelName })).find(({ isInEffect }) => isInEffect);
    const none = {
      input: null,
      output: null,
      cachedInput: null,
      cacheWrite: null,
      cacheWriteLong: null,
      characters: null,
      audioOutput: null,
    };
    const { input, output, characters, ...others } = before?.rates ?? none;
    const rates = {
      ...others,
      input: given.inputUsd ?? input,
      output: given.outputUsd ?? output,
      characters: given.charactersUsd ?? characters,
    };
    const [id] = await addPrices(
      actOf(services, request),
      [
        {
          provider,
          modelName,
          effectiveFrom,
          effectiveTo: null,
          rates,
          perRequestNanoUsd: before?.perRequestNanoUsd ?? 0n,
          batchBasisPoints: before?.batchBasisPoints ?? FULL_BASIS_POINTS,
          longContext: before?.longContext ?? null,
        },
      ],
      source,
    );
    return { id };
  });
}
