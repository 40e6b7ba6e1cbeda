import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { LIFECYCLES, parseMoney, TIERS, type Limits, type ProviderEdit } from '@ai-core/core';
import { addProvider, editProvider, listEndingModels, listProviders, replaceBySuccessor, type ListedProvider } from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { findProvider } from '../find-provider.ts';
import { actOf, parseInput } from './api-parts.ts';

const count = z.number().int().positive().nullable().optional();
/** null = no limit; absent = stays. */
const LimitsEdit = z.strictObject({
  requestsPerMinute: count,
  tokensPerMinute: count,
  concurrency: count,
  /** US dollars as a decimal string. */
  dailySpendUsd: z
    .string()
    .transform((text) => parseMoney(text))
    .nullable()
    .optional(),
});
const fields = {
  isActive: z.boolean().optional(),
  isDefault: z.boolean().optional(),
  tier: z.enum(TIERS).optional(),
  qualityScore: z.number().optional(),
  maxTokens: z.number().nullable().optional(),
  maxOutputTokens: z.number().nullable().optional(),
  lifecycle: z.enum(LIFECYCLES).optional(),
  shutdownDate: z.string().nullable().optional(),
  successor: z.string().nullable().optional(),
  limits: LimitsEdit.optional(),
};
const Edit = z.strictObject(fields);
const Addition = z.strictObject({
  provider: z.string(),
  modelName: z.string(),
  kind: z.enum(['text', 'audio']),
  tier: fields.tier,
  qualityScore: fields.qualityScore,
});
/** Models that end are shown this long before, with what could take their place. */
const SHOWN_DAYS = 120;

function toLimits(before: Limits, { dailySpendUsd, ...given }: z.output<typeof LimitsEdit>): Limits {
  const edit = { ...given, ...(dailySpendUsd === undefined ? {} : { dailySpendNanoUsd: dailySpendUsd?.toString() ?? null }) };
  const merged: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(edit)) {
    if (value === null) delete merged[name];
    else if (value !== undefined) merged[name] = value;
  }
  return merged;
}

function toEdit(before: ListedProvider, { limits, ...edit }: z.output<typeof Edit>): ProviderEdit {
  return limits === undefined ? edit : { ...edit, limits: toLimits(before.limits, limits) };
}

/** Provider configurations: what may be chosen, within which limits, and what takes the place of what ends. */
export function registerProviders(app: FastifyInstance, services: ConsoleServices): void {
  const { database } = services;

  app.get('/api/providers', async () => {
    const [rows, ending] = await Promise.all([listProviders(database), listEndingModels(database, SHOWN_DAYS)]);
    const endOf = (row: ListedProvider) =>
      ending.find((model) => model.provider === row.provider && model.modelName === row.modelName && model.kind === row.kind);
    return { rows: rows.map((row) => ({ ...row, replacement: endOf(row)?.successor ?? null })), next: null };
  });

  app.get('/api/providers/:id', async (request) => {
    const [row, ending] = await Promise.all([findProvider(database, request.params), listEndingModels(database, SHOWN_DAYS)]);
    const end = ending.find((model) => model.provider === row.provider && model.modelName === row.modelName && model.kind === row.kind);
    return { ...row, replacement: end?.successor ?? null };
  });

  app.post('/api/providers', async (request) => {
    const { provider, modelName, kind, ...edit } = parseInput(Addition, request.body);
    await addProvider(actOf(services, request), { provider, modelName, kind }, edit);
    return { done: 1 };
  });

  app.patch('/api/providers/:id', async (request) => {
    const before = await findProvider(database, request.params);
    await editProvider(actOf(services, request), before, toEdit(before, parseInput(Edit, request.body)));
    return { id: before.id };
  });

  app.post('/api/providers/:id/successor', async (request) => {
    const key = await findProvider(database, request.params);
    return { done: 1, ...(await replaceBySuccessor(actOf(services, request), key)) };
  });
}
