/** The scenarios side by side, what the guide says of them, and whether the replay may be believed. */
import type { Month } from './plan-month.ts';

export const SCENARIOS = ['without AI Core', 'with memory and selection', 'with own model', 'with the batch lane'] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

/** What was counted in one scenario. */
export interface ScenarioFigures {
  readonly name: ScenarioName;
  readonly requests: number;
  /** Calls of any model, the own one included. */
  readonly apiCalls: number;
  /** Requests answered from memory or by work that was already under way. */
  readonly hits: number;
  readonly costNanoUsd: bigint;
}

export interface ScenarioRow extends Omit<ScenarioFigures, 'hits'> {
  /** 0 to 1. */
  readonly hitRate: number;
  /** Of the cost without AI Core, 0 to 1. */
  readonly savedShare: number;
}

export const GUIDE: readonly ScenarioRow[] = [
  { name: 'without AI Core', requests: 10_000, apiCalls: 10_000, hitRate: 0, costNanoUsd: 200_000_000_000n, savedShare: 0 },
  { name: 'with memory and selection', requests: 10_000, apiCalls: 2_000, hitRate: 0.8, costNanoUsd: 50_000_000_000n, savedShare: 0.75 },
  { name: 'with own model', requests: 10_000, apiCalls: 2_000, hitRate: 0.8, costNanoUsd: 15_000_000_000n, savedShare: 0.93 },
];

const SHARE_DIGITS = 1_000_000n;

/** Part of a whole as a number from 0 to 1; 0 of nothing. */
export function shareOf(part: bigint, whole: bigint): number {
  return whole === 0n ? 0 : Number((part * SHARE_DIGITS) / whole) / Number(SHARE_DIGITS);
}

/** @param figures the first one is what the others are compared with */
export function compareScenarios(figures: readonly ScenarioFigures[]): ScenarioRow[] {
  const whole = figures[0]?.costNanoUsd ?? 0n;
  return figures.map(({ hits, ...rest }) => ({
    ...rest,
    hitRate: rest.requests === 0 ? 0 : hits / rest.requests,
    savedShare: shareOf(whole - rest.costNanoUsd, whole),
  }));
}

/** What the accounts, the providers' bill and the callers say of one replayed scenario. */
export interface ReplayCounts {
  readonly requests: number;
  readonly hits: number;
  readonly failures: number;
  readonly unpriced: number;
  readonly costNanoUsd: bigint;
  readonly billedCalls: number;
  readonly billNanoUsd: bigint;
  /** Answers that callers of all keys together were given. */
  readonly distinctAnswers: number;
}

/**
 * What is wrong with a replay: every request but the first of its key has to be a hit or shared, each key bought once and once only,
 * and the accounts have to agree with the providers' bill to the nano-dollar.
 * @returns a sentence for each, none for a sound replay
 */
export function findReplayFaults(name: ScenarioName, month: Month, counts: ReplayCounts): string[] {
  const keys = month.distinctKeys;
  const expected: readonly [string, number | bigint, number | bigint][] = [
    ['requests in the accounts', counts.requests, month.requests.length],
    ['hits and shared answers', counts.hits, month.requests.length - keys],
    ['calls on the providers’ bill', counts.billedCalls, keys],
    ['answers given', counts.distinctAnswers, keys],
    ['failed requests', counts.failures, 0],
    ['requests without a price', counts.unpriced, 0],
    ['cost in the accounts in nano-dollars', counts.costNanoUsd, counts.billNanoUsd],
  ];
  return expected
    .filter(([, counted, due]) => counted !== due)
    .map(([what, counted, due]) => `${name}: ${what}: ${String(counted)}, should be ${String(due)}`);
}
