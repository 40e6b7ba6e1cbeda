import { describe, expect, it } from 'vitest';
import { decideCanary, nextShare, type ServedRequest } from './decide-canary.ts';
import { shareInterval, summariseScores } from './intervals.ts';
import { resolveThresholds } from './quality-gate.ts';
import { LOOKS, STATED_ERROR, takeLook, type SequentialVerdict } from './sequential-test.ts';

/** mulberry32: the same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PLAN = { boundary: 'once', scoresPerLook: 200, margin: 0.1 } as const;
const EXPERIMENTS = 1_000;

interface Truth {
  readonly candidate: number;
  readonly control: number;
  /** Scores of the control for each of the candidate. */
  readonly ratio: number;
}

/** Runs one experiment to its end. */
function run(seed: number, { candidate, control, ratio }: Truth): { verdict: SequentialVerdict; scores: number } {
  const random = seeded(seed);
  const draw = (good: number, count: number): number[] => Array.from({ length: count }, () => Number(random() < good));
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let look = 1; look <= LOOKS; look++) {
    ours.push(...draw(candidate, PLAN.scoresPerLook));
    theirs.push(...draw(control, Math.round(PLAN.scoresPerLook * ratio)));
    const { verdict } = takeLook(PLAN, { candidate: summariseScores(ours), control: summariseScores(theirs) });
    if (verdict !== 'continue') return { verdict, scores: ours.length };
  }
  return { verdict: 'continue', scores: ours.length };
}

function runAll(truth: Truth): { share(verdict: SequentialVerdict): number; scores: number[] } {
  const results = Array.from({ length: EXPERIMENTS }, (_, seed) => run(seed + 1, truth));
  return {
    share: (verdict) => results.filter((result) => result.verdict === verdict).length / EXPERIMENTS,
    scores: results.filter(({ verdict }) => verdict === 'worse').map(({ scores }) => scores),
  };
}

describe(`over ${EXPERIMENTS} experiments`, () => {
  it.each([
    { candidate: 0.9, control: 0.9, ratio: 9 },
    { candidate: 0.9, control: 0.9, ratio: 1 },
    { candidate: 0.5, control: 0.5, ratio: 1 },
    { candidate: 0.98, control: 0.98, ratio: 1 },
  ])('equal models ($candidate, control $ratio times as often) are called worse no more often than stated', (truth) => {
    const { share } = runAll(truth);
    expect(share('worse')).toBeLessThanOrEqual(STATED_ERROR);
    expect(share('as_good')).toBeGreaterThanOrEqual(1 - STATED_ERROR);
  });

  it.each([
    { candidate: 0.8, control: 0.9, ratio: 9 },
    { candidate: 0.8, control: 0.9, ratio: 1 },
    { candidate: 0.4, control: 0.5, ratio: 1 },
  ])(
    'a model that is worse by the whole margin ($candidate to $control) is promoted no more often than stated, and found within 1,000 scores',
    (truth) => {
      const { share, scores } = runAll(truth);
      expect(share('as_good')).toBeLessThanOrEqual(STATED_ERROR);
      expect(share('worse')).toBeGreaterThanOrEqual(1 - STATED_ERROR);
      expect(Math.max(...scores)).toBeLessThanOrEqual(1_000);
      expect(scores.toSorted((one, two) => one - two)[Math.floor(scores.length / 2)]).toBeLessThanOrEqual(600);
    },
  );
});

const limits = resolveThresholds([]);
const served = (count: number, score: number | null, more: Partial<ServedRequest> = {}): ServedRequest[] =>
  Array.from({ length: count }, () => ({ score, failed: false, latencyMs: 10, ...more }));
const control = { count: 2_000, mean: 0.9, variance: 0.09 };
const decide = (candidate: readonly ServedRequest[], share = 10) =>
  decideCanary({ share, candidate, control, limits, scoresPerLook: 50, looksTaken: 0 });

describe('a model in canary', () => {
  it('goes on while little is known, whoever likes it', () => {
    expect(decide(served(49, 1)).action).toBe('continue');
    expect(decide(served(5_000, null)).action).toBe('continue');
  });

  it('gets more traffic when it is as good, and goes back when it is not', () => {
    expect(decide([...served(240, 1), ...served(10, 0)]).action).toBe('promote');
    expect(decide([...served(30, 1), ...served(30, 0)]).action).toBe('roll_back');
    expect([10, 50, 100].map(nextShare)).toEqual([50, 100, undefined]);
  });

  it('is looked at when a look is due and not in between', () => {
    const candidate = [...served(50, 1), ...served(40, 0)];
    const state = { share: 10, candidate, control, limits, scoresPerLook: 50 };
    expect(decideCanary({ ...state, looksTaken: 1 })).toMatchObject({ action: 'continue', look: null });
    expect(decideCanary({ ...state, candidate: [...candidate, ...served(10, 0)], looksTaken: 1 }).action).toBe('roll_back');
  });

  it('is rolled back at once when its server is down or too slow', () => {
    expect(decide([...served(100, null), ...served(10, 0, { failed: true })])).toMatchObject({ action: 'roll_back', look: null });
    expect(decide(served(60, null, { latencyMs: limits.maxP95LatencyMs + 1 }))).toMatchObject({ action: 'roll_back', look: null });
  });

  it('is watched on with all the traffic: it stays while it is good and goes when it degrades', () => {
    expect(decide([...served(230, 1), ...served(20, 0)], 100).action).toBe('new_round');
    expect(decide([...served(30, 1), ...served(70, 0)], 100).action).toBe('roll_back');
  });
});

it('an interval of a share has its width by the number and stays within 0 and 1', () => {
  expect(shareInterval(0, 10)).toMatchObject({ low: 0 });
  expect(shareInterval(10, 10).high).toBeCloseTo(1, 9);
  expect(shareInterval(90, 100).low).toBeCloseTo(0.826, 2);
  expect(shareInterval(0, 0)).toEqual({ estimate: 0, low: 0, high: 1 });
});
