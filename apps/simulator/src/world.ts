import { createHash } from 'node:crypto';
import { PROVIDER_NAMES, type ProviderName } from '@ai-core/core';
import { type Batches, createBatches } from './batches.ts';
import { type Bill, openBill } from './bill.ts';
import { type CallLog, callLog } from './call-log.ts';
import { type FaultRules, faultRules } from './fault-rules.ts';
import { type Latency, latencySampler, NO_LATENCY } from './latency.ts';
import { type RateLimit, type RateLimits, rateLimits } from './rate-limits.ts';
import { seededRandom } from './random.ts';
import { spokenSpeech } from './speech/spoken.ts';
import { tiledSpeech } from './speech/tiled.ts';
import type { SpeechEngine, SpeechMode } from './speech.ts';
import { type Tuning, createTuning } from './tuning.ts';

export interface WorldOptions {
  /** Decides texts, delays and which calls a fault with a share strikes. */
  readonly seed?: string | undefined;
  /** Where charged calls are written down; absent = memory only. */
  readonly billFile?: string | undefined;
  /** Keep every prompt seen, for tests that search them for personal data. */
  readonly keepPrompts?: boolean | undefined;
  readonly latency?: Latency | Readonly<Partial<Record<ProviderName, Latency>>> | undefined;
  readonly limits?: readonly RateLimit[] | undefined;
  /** Default: spoken. */
  readonly speech?: SpeechMode | undefined;
}

const ENGINES = { spoken: spokenSpeech, tiled: tiledSpeech } as const satisfies Record<SpeechMode, () => SpeechEngine>;

/** All state of one simulator. */
export interface World {
  readonly seed: string;
  readonly bill: Bill;
  readonly calls: CallLog;
  readonly faults: FaultRules;
  readonly limits: RateLimits;
  readonly speech: SpeechEngine;
  /** Files, tuning jobs and the models that came of them. */
  readonly tuning: Tuning;
  readonly batches: Batches;
  /** Prompts as the vendors saw them; undefined = not kept. */
  readonly prompts: string[] | undefined;
  setLatency(latency: Latency, provider?: ProviderName): void;
  /** How long the next call of a provider takes, and the pause between pieces of a stream, in milliseconds. */
  nextLatency(provider: ProviderName): { waitMs: number; chunkMs: number };
  /** Aborted when the simulator closes; work that was under way is abandoned and not billed. */
  readonly closing: AbortSignal;
  close(): Promise<void>;
  /** A vendor's id for the next call: repeatable, unique within a seed and a run. */
  nextRequestId(): string;
}

function isLatency(value: NonNullable<WorldOptions['latency']>): value is Latency {
  return 'fixedMs' in value || 'p50Ms' in value;
}

/**
 * Sets up the state that all calls share, with its bill.
 * @throws Error when the bill file cannot be opened
 */
export async function createWorld({
  speech = 'spoken',
  seed = '1',
  billFile,
  keepPrompts = false,
  latency = NO_LATENCY,
  limits = [],
}: WorldOptions): Promise<World> {
  const bill = await openBill(billFile);
  const latencies = new Map<ProviderName, Latency>(
    PROVIDER_NAMES.map((provider) => [provider, isLatency(latency) ? latency : (latency[provider] ?? NO_LATENCY)]),
  );
  const samplers = new Map(PROVIDER_NAMES.map((provider) => [provider, latencySampler(`${seed} ${provider}`)]));
  const rates = rateLimits();
  rates.set(limits);
  // A simulator that goes on with an old bill must not hand out its request ids again.
  let issued = bill.lines().length;
  const closing = new AbortController();
  const engine = ENGINES[speech]();
  return {
    seed,
    bill,
    closing: closing.signal,
    speech: engine,
    tuning: createTuning(seed),
    batches: createBatches(seed),
    async close() {
      closing.abort();
      await engine.close();
      await bill.close();
    },
    calls: callLog(),
    faults: faultRules(seededRandom(`${seed} faults`)),
    limits: rates,
    prompts: keepPrompts ? [] : undefined,
    setLatency(next, provider) {
      for (const name of provider === undefined ? PROVIDER_NAMES : [provider]) latencies.set(name, next);
    },
    nextLatency(provider) {
      const setting = latencies.get(provider) ?? NO_LATENCY;
      return { waitMs: samplers.get(provider)?.(setting) ?? 0, chunkMs: setting.chunkMs ?? 0 };
    },
    nextRequestId() {
      issued += 1;
      return `req_${createHash('sha256').update(`${seed} ${issued}`).digest('hex').slice(0, 24)}`;
    },
  };
}
