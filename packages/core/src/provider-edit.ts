import { z } from 'zod';
import { AiCoreError } from './errors.ts';
import { LIFECYCLES, TIERS } from './model.ts';
import type { ProviderConfig } from './model.ts';

/** What an admin can set of a configuration; absent = stays. */
export type ProviderEdit = Partial<
  Pick<
    ProviderConfig,
    | 'tier'
    | 'costPerMillionTokens'
    | 'costPerRequest'
    | 'qualityScore'
    | 'isActive'
    | 'isDefault'
    | 'maxTokens'
    | 'maxOutputTokens'
    | 'capabilities'
    | 'lifecycle'
    | 'shutdownDate'
    | 'successor'
    | 'limits'
    | 'trafficShare'
    | 'baseUrl'
  >
>;

const money = z.number().min(0).max(1_000_000).nullable();
const count = z.int().positive().max(100_000_000).nullable();

const timeoutMs = z.int().min(100).max(3_600_000).optional();
/** Limits of one model; a limit that is not named does not hold. */
const LimitsSchema = z.strictObject({
  requestsPerMinute: z.int().positive().max(1_000_000).optional(),
  tokensPerMinute: z.int().positive().max(10_000_000_000).optional(),
  concurrency: z.int().positive().max(100_000).optional(),
  /** Decimal string of nano-USD. */
  dailySpendNanoUsd: z
    .string()
    .regex(/^\d{1,18}$/)
    .optional(),
  timeoutsMs: z.strictObject({ connect: timeoutMs, firstByte: timeoutMs, idle: timeoutMs, total: timeoutMs }).optional(),
});

const EditSchema = z.strictObject({
  tier: z.enum(TIERS).optional(),
  costPerMillionTokens: money.optional(),
  costPerRequest: money.optional(),
  qualityScore: z.number().min(0).max(1).optional(),
  isActive: z.boolean().optional(),
  isDefault: z.boolean().optional(),
  maxTokens: count.optional(),
  maxOutputTokens: count.optional(),
  capabilities: z.record(z.string(), z.unknown()).optional(),
  lifecycle: z.enum(LIFECYCLES).optional(),
  shutdownDate: z.iso.date().nullable().optional(),
  successor: z.string().min(1).max(200).nullable().optional(),
  limits: LimitsSchema.optional(),
  trafficShare: z.int().min(0).max(100).nullable().optional(),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .nullable()
    .optional(),
});

/** @throws REQUEST_INVALID that names the first field out of range */
export function checkProviderEdit(edit: ProviderEdit): void {
  const parsed = EditSchema.safeParse(edit);
  if (parsed.success) return;
  const issue = parsed.error.issues[0];
  throw new AiCoreError('REQUEST_INVALID', `${issue?.path.join('.') ?? 'the edit'}: ${issue?.message ?? 'is not valid'}`);
}
