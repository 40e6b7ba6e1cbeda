import { isProviderName, PROVIDER_NAMES } from '@ai-core/core';
import { z } from 'zod';
import type { Batch } from './batches.ts';
import type { Call } from './call-log.ts';
import type { FaultRule } from './fault-rules.ts';
import type { Latency } from './latency.ts';
import type { RateLimit } from './rate-limits.ts';
import type { TuningJob } from './tuning.ts';
import type { World } from './world.ts';

const Provider = z.string().refine(isProviderName, `must be one of ${PROVIDER_NAMES.join(', ')}`);

/** Bodies of the control endpoints. */
export const FaultRuleBody = z.strictObject({
  provider: Provider.optional(),
  model: z.string().optional(),
  match: z.string().min(1).optional(),
  fault: z.string().min(1),
  times: z.int().positive().optional(),
  share: z.number().min(0).max(1).optional(),
  oncePerPrompt: z.boolean().optional(),
}) satisfies z.ZodType<FaultRule>;

const Milliseconds = z.number().min(0).max(3_600_000);
const LatencySetting = z.union([
  z.strictObject({ fixedMs: Milliseconds, chunkMs: Milliseconds.optional() }),
  z.strictObject({ p50Ms: Milliseconds.positive(), p99Ms: Milliseconds, chunkMs: Milliseconds.optional() }),
]) satisfies z.ZodType<Latency>;
export const LatencyBody = z.strictObject({ provider: Provider.optional(), latency: LatencySetting });

export const LimitsBody = z.array(
  z.strictObject({
    provider: Provider,
    model: z.string().optional(),
    requestsPerMinute: z.int().positive().optional(),
    tokensPerMinute: z.int().positive().optional(),
  }),
) satisfies z.ZodType<RateLimit[]>;

export const QualityBody = z.strictObject({ model: z.string().min(1), quality: z.enum(['good', 'broken']) });

/** What a test or an operator may do to a running simulator. The HTTP endpoints do exactly this. */
export interface Control {
  /**
   * Makes calls fail.
   * @returns the rule's id
   * @throws Error when there is no such fault
   */
  addFault(rule: FaultRule): number;
  removeFault(id: number): boolean;
  clearFaults(): void;
  listFaults(): (FaultRule & { id: number })[];
  /** @param setting without a provider it holds for all */
  setLatency(setting: { provider?: z.infer<typeof Provider> | undefined; latency: Latency }): void;
  /** Replaces all rate limits and forgets what the current minute had. */
  setLimits(limits: readonly RateLimit[]): void;
  /** Requests for paid work after call number `since`, also those that failed. */
  calls(since?: number): readonly Call[];
  /** How many requests for paid work each provider has had. */
  totals(): Readonly<Record<string, number>>;
  /** Calls that are being worked on and may still be charged. */
  underWay(): number;
  /** Makes a tuned model write nonsense, or well again. @returns false when there is no such model */
  setQuality(model: string, quality: 'good' | 'broken'): boolean;
  /** Batches of a vendor, the newest first. */
  batches(provider: z.infer<typeof Provider>): readonly Batch[];
  /** Tuning jobs there are. */
  tuningJobs(): readonly TuningJob[];
  /** Everything the models were given to read; undefined when the simulator does not keep it. */
  prompts(): readonly string[] | undefined;
}

export function createControl(world: World): Control {
  return {
    addFault: (rule) => world.faults.add(rule),
    removeFault: (id) => world.faults.remove(id),
    clearFaults: () => world.faults.clear(),
    listFaults: () => world.faults.list(),
    setLatency: ({ provider, latency }) => world.setLatency(latency, provider),
    setLimits: (limits) => world.limits.set(limits),
    calls: (since) => world.calls.calls(since),
    totals: () => world.calls.totals(),
    underWay: () => world.calls.underWay(),
    setQuality: (model, quality) => world.tuning.setQuality(model, quality),
    batches: (provider) => world.batches.list(provider),
    tuningJobs: () => world.tuning.jobs(),
    prompts: () => world.prompts,
  };
}
