/** The shape of catalogue/*.json: facts about models, with their sources and the day they were checked. */
import { z } from 'zod';
import { LIFECYCLES, TIERS } from './model.ts';
import { PROVIDER_NAMES } from './provider-facts.ts';

const day = z.iso.date();
/** Nano-USD per million units as a decimal string: JSON numbers would not hold every amount. null = no such price. */
const rate = z
  .string()
  .regex(/^(0|[1-9]\d*)$/)
  .nullable();

const rates = z.strictObject({
  input: rate,
  output: rate,
  cachedInput: rate,
  cacheWrite: rate,
  cacheWriteLong: rate,
  characters: rate,
  audioOutput: rate,
});

const price = z.strictObject({
  effectiveFrom: day,
  effectiveTo: day.nullable(),
  rates,
  perRequestNanoUsd: z.string().regex(/^\d+$/),
  batchBasisPoints: z.int().min(0).max(10_000),
  longContext: z.strictObject({ above: z.int().positive(), rates }).nullable(),
});

const languageTag = z.string().regex(/^[a-z]{2,3}$/);

const capabilities = z.strictObject({
  json: z.boolean().optional(),
  streaming: z.boolean().optional(),
  batch: z.boolean().optional(),
  temperature: z.boolean().optional(),
  reasoning: z.boolean().optional(),
  tools: z.boolean().optional(),
  languages: z.array(languageTag).optional(),
  defaultVoices: z.record(z.union([languageTag, z.literal('*')]), z.string().min(1)).optional(),
  inputLimit: z.strictObject({ amount: z.int().positive(), unit: z.enum(['characters', 'bytes', 'tokens']) }).optional(),
});

export const CatalogueModelSchema = z.strictObject({
  provider: z.enum(PROVIDER_NAMES),
  modelName: z.string().min(1),
  kind: z.enum(['text', 'audio']),
  tier: z.enum(TIERS),
  /** Our starting value; an admin's edit or an evaluation replaces it. */
  qualityScore: z.number().min(0).max(1),
  lifecycle: z.enum(LIFECYCLES),
  shutdownDate: day.nullable(),
  /** A model of the same provider, or `provider/model`. */
  successor: z.string().min(1).nullable(),
  maxTokens: z.int().positive().nullable(),
  maxOutputTokens: z.int().positive().nullable(),
  capabilities,
  /** Oldest first. The first one holds for all time before the next, unless a note says otherwise. */
  prices: z.array(price),
  sources: z.array(z.string().min(1)).min(1),
  checkedOn: day,
  note: z.string().optional(),
});

export type CatalogueModel = z.infer<typeof CatalogueModelSchema>;
export type CataloguePrice = CatalogueModel['prices'][number];

export const CatalogueSetsSchema = z.strictObject({
  current: z.array(z.strictObject({ provider: z.enum(PROVIDER_NAMES), modelName: z.string(), isDefault: z.boolean() })),
  seed: z.array(z.strictObject({ provider: z.enum(PROVIDER_NAMES), modelName: z.string(), isDefault: z.boolean() })),
});

/** current: what is worth using now. seed: the eleven models AI Core was first described with. */
export type CatalogueSet = keyof z.infer<typeof CatalogueSetsSchema>;
