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
import { replayMonth, type Replay } from './replay-month.ts';
import { startSavingsStage } from './savings-stage.ts';
import { splitSavings, type SplitSavings } from './split-savings.ts';

/** What the guide lets an own model answer, in percent. */
export const OWN_MODEL_SHARE = 75;

export interface Savings {
  readonly month: Month;
  readonly rows: readonly ScenarioRow[];
  readonly split: SplitSavings;
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

/** Replays a month with memory and with an own model, and computes what it would have cost without either. */
export async function simulateSavings(settings: SavingsSettings): Promise<Savings> {
  const month = planMonth(settings);
  const [without, memory, own] = SCENARIOS;
  const stage = await startSavingsStage();
  try {
    const replay = (scenario: ScenarioName, name: string, ownModelShare: number | null): Promise<Replay> =>
      replayMonth({
        stage,
        name,
        month,
        seed: settings.seed,
        ownModelShare,
        onProgress: (answered) => settings.onProgress(scenario, answered),
      });
    const withMemory = await replay(memory, 'memory', null);
    const withOwn = await replay(own, 'own_model', OWN_MODEL_SHARE);
    const split = splitSavings({ origins: withMemory.origins, withMemory: withMemory.bill, withOwnModel: withOwn.bill }, new Date());
    const asked = month.requests.length;
    return {
      month,
      rows: compareScenarios([
        { name: without, requests: asked, apiCalls: asked, hits: 0, costNanoUsd: split.withoutNanoUsd },
        toFigures(memory, withMemory),
        toFigures(own, withOwn),
      ]),
      split,
      ownModelCalls: withOwn.bill.filter(({ provider }) => provider === 'local_small_model').length,
      cheapKeys: countCheapKeys(month),
      inFlightHits: withMemory.totals.inFlightHits,
      faults: [...checkReplay(memory, month, withMemory), ...checkReplay(own, month, withOwn)],
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

function checkReplay(name: ScenarioName, month: Month, { totals, bill, origins }: Replay): string[] {
  return findReplayFaults(name, month, {
    ...totals,
    hits: totals.cacheHits + totals.inFlightHits,
    billedCalls: bill.length,
    billNanoUsd: priceCalls(bill, new Date()),
    distinctAnswers: new Set(origins.map(({ seq }) => seq)).size,
  });
}
