import { resolvePolicy } from '@ai-core/core';
import {
  compareScenarios,
  findReplayFaults,
  SCENARIOS,
  type ScenarioFigures,
  type ScenarioName,
  type ScenarioRow,
} from './compare-scenarios.ts';
import { planMonth, type Month, type MonthSettings } from './plan-month.ts';
import { priceCalls } from './price-calls.ts';
import { findOrigins, replayMonth, type Replay, type ReplaySettings } from './replay-month.ts';
import { startSavingsStage } from './savings-stage.ts';
import { splitSavings, type SplitSavings } from './split-savings.ts';

/** What the guide lets an own model answer, in percent. */
export const OWN_MODEL_SHARE = 75;

export interface Savings {
  readonly month: Month;
  readonly rows: readonly ScenarioRow[];
  readonly split: SplitSavings;
  /** Texts that were bought in batches. */
  readonly batchedCalls: number;
  /** Calls that the own model answered. */
  readonly ownModelCalls: number;
  /** Distinct prompts of the cheap tier: what the own model has a share of. */
  readonly cheapKeys: number;
  /** Requests that shared work already under way, in the scenario with memory. */
  readonly inFlightHits: number;
  /** Why the figures are not to be believed; none = they are. */
  readonly faults: readonly string[];
}

export interface SavingsSettings extends MonthSettings {
  readonly onProgress: (scenario: ScenarioName, answered: number) => void;
}

/** Replays a month with memory, with an own model and with the batch lane, and computes what it would have cost without either. */
export async function simulateSavings(settings: SavingsSettings): Promise<Savings> {
  const month = planMonth(settings);
  const [without, memory, own, batches] = SCENARIOS;
  const stage = await startSavingsStage();
  try {
    const replay = (scenario: ScenarioName, more: Pick<ReplaySettings, 'name' | 'ownModelShare' | 'inBatches'>): Promise<Replay> =>
      replayMonth({
        stage,
        ...more,
        month,
        seed: settings.seed,
        onProgress: (answered) => settings.onProgress(scenario, answered),
      });
    const withMemory = await replay(memory, { name: 'memory', ownModelShare: null, inBatches: false });
    const withOwn = await replay(own, { name: 'own_model', ownModelShare: OWN_MODEL_SHARE, inBatches: false });
    const withBatches = await replay(batches, { name: 'batches', ownModelShare: null, inBatches: true });
    const origins = findOrigins(month, withMemory);
    const split = splitSavings({ origins, withMemory: withMemory.bill, withOwnModel: withOwn.bill }, new Date());
    const asked = month.requests.length;
    return {
      month,
      rows: compareScenarios([
        { name: without, requests: asked, apiCalls: asked, hits: 0, costNanoUsd: split.withoutNanoUsd },
        toFigures(memory, withMemory),
        toFigures(own, withOwn),
        toFigures(batches, withBatches),
      ]),
      split,
      batchedCalls: withBatches.bill.filter(({ usage }) => usage.batch).length,
      ownModelCalls: withOwn.bill.filter(({ provider }) => provider === 'local_small_model').length,
      cheapKeys: countCheapKeys(month),
      inFlightHits: withMemory.totals.inFlightHits,
      faults: [...checkReplay(memory, month, withMemory), ...checkReplay(own, month, withOwn), ...checkReplay(batches, month, withBatches)],
    };
  } finally {
    await stage.stop();
  }
}

function countCheapKeys({ requests }: Month): number {
  const cheap = requests.filter(({ kind, requestType }) => kind === 'text' && resolvePolicy([], requestType).tier === 'cheap');
  return new Set(cheap.map(({ key }) => key)).size;
}

function toFigures(name: ScenarioName, { totals, bill }: Replay): ScenarioFigures {
  const { requests, cacheHits, inFlightHits, costNanoUsd } = totals;
  return { name, requests, apiCalls: bill.length, hits: cacheHits + inFlightHits, costNanoUsd };
}

function checkReplay(name: ScenarioName, month: Month, { totals, bill, answers }: Replay): string[] {
  return findReplayFaults(name, month, {
    ...totals,
    hits: totals.cacheHits + totals.inFlightHits,
    billedCalls: bill.length,
    billNanoUsd: priceCalls(bill, new Date()),
    distinctAnswers: new Set(answers).size,
  });
}
