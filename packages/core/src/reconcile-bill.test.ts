import { describe, expect, it } from 'vitest';
import type { BilledLine } from './provider-bill.ts';
import { billedModelKey, reconcileBill, type BillClass, type OurCharge } from './reconcile-bill.ts';
import { NO_USAGE } from './usage.ts';

const line = (changes: Partial<BilledLine>): BilledLine => ({
  place: 'line 2',
  day: '2026-11-01',
  model: 'first',
  requestId: null,
  costNanoUsd: null,
  decimals: null,
  calls: null,
  usage: null,
  ...changes,
});
const charge = (changes: Partial<OurCharge>): OurCharge => ({
  day: '2026-11-01',
  model: 'first',
  ids: [],
  calls: 10,
  unknown: 0,
  costNanoUsd: 1_234_567_890n,
  units: 1000n,
  ...changes,
});
const classes = (ours: readonly OurCharge[], theirs: readonly BilledLine[]): BillClass[] =>
  reconcileBill(ours, theirs).map(({ class: found }) => found);

describe('one model of one day', () => {
  it.each<[string, Partial<OurCharge>, Partial<BilledLine>, BillClass]>([
    ['equal to the nano-dollar', {}, { costNanoUsd: 1_234_567_890n, decimals: 9 }, 'matched'],
    ['rounded to cents', {}, { costNanoUsd: 1_230_000_000n, decimals: 2 }, 'rounding'],
    ['more apart than cents are', {}, { costNanoUsd: 1_220_000_000n, decimals: 2 }, 'price_drift'],
    ['rounded to the micro-dollar', {}, { costNanoUsd: 1_234_568_000n, decimals: 6 }, 'rounding'],
    ['cents apart on a bill of micro-dollars', {}, { costNanoUsd: 1_230_000_001n, decimals: 9 }, 'price_drift'],
    ['the half nano-dollar of every call', {}, { costNanoUsd: 1_234_567_885n, decimals: 9 }, 'rounding'],
    ['a call more on the bill', {}, { calls: 11 }, 'theirs_only'],
    ['a call less on the bill', {}, { calls: 9, costNanoUsd: 1_234_567_890n, decimals: 9 }, 'ours_only'],
    ['other tokens for as many calls', {}, { calls: 10, usage: { ...NO_USAGE, inputTokens: 900, outputTokens: 101 } }, 'theirs_only'],
    ['the same use on a bill without money', {}, { calls: 10, usage: { ...NO_USAGE, characters: 1000 } }, 'matched'],
    ['a call without a price', { costNanoUsd: null }, { costNanoUsd: 5n, decimals: 9 }, 'price_drift'],
    [
      'a call whose outcome is unknown',
      { calls: 0, unknown: 1, costNanoUsd: 0n, units: 0n },
      { costNanoUsd: 5n, decimals: 9 },
      'theirs_only',
    ],
  ])('%s', (_, ours, theirs, expected) => {
    expect(classes([charge(ours)], [line(theirs)])).toEqual([expected]);
  });

  it('adds up the lines of a model, each with its rounding', () => {
    const cents = (costNanoUsd: bigint): BilledLine => line({ costNanoUsd, decimals: 2 });
    expect(classes([charge({ costNanoUsd: 1_238_000_000n })], [cents(1_000_000_000n), cents(230_000_000n)])).toEqual(['rounding']);
  });

  it('a free or unknown call is no difference to a bill that does not have it', () => {
    const other = line({ model: 'other', costNanoUsd: 1n, decimals: 9 });
    expect(classes([charge({ costNanoUsd: 0n })], [other])).toEqual(['matched', 'theirs_only']);
    expect(classes([charge({ calls: 0, unknown: 2, costNanoUsd: 0n, units: 0n })], [])).toEqual(['matched']);
    expect(classes([], [line({ costNanoUsd: 0n, decimals: 2 })])).toEqual(['matched']);
  });

  it('what next to nothing cost is rounded away on a bill of cents', () => {
    const other = line({ model: 'other', costNanoUsd: 10_000_000n, decimals: 2 });
    expect(classes([charge({ costNanoUsd: 4_000_000n })], [other])).toEqual(['rounding', 'theirs_only']);
  });
});

describe('request ids', () => {
  it('are looked up among the ids of ours and theirs, whatever the day; the rest is told from it', () => {
    const ours = [
      charge({ ids: ['a', 'r1'], calls: 1, units: 5n, day: '2026-10-31' }),
      charge({ ids: ['b'], calls: 1, units: 7n }),
      charge({ ids: ['c'], calls: 1, units: 9n }),
    ];
    const theirs = [
      line({ requestId: 'r1', calls: 1, usage: { ...NO_USAGE, characters: 5 } }),
      line({ requestId: 'b', calls: 1, usage: { ...NO_USAGE, characters: 8 } }),
      line({ requestId: 'x', calls: 1, usage: { ...NO_USAGE, characters: 8 } }),
    ];
    expect(reconcileBill(ours, theirs).map(({ class: found, requestId }) => [requestId, found])).toEqual([
      ['r1', 'matched'],
      ['b', 'theirs_only'],
      ['x', 'theirs_only'],
      [null, 'ours_only'],
    ]);
  });
});

it.each([
  ['gpt-5-mini-2025-08-07', 'gpt-5-mini'],
  ['claude-sonnet-4-20250514', 'claude-sonnet-4'],
  ['models/Gemini-2.5-Flash-preview-05-20', 'gemini-2.5-flash'],
  ['gemini-2.0-flash-001', 'gemini-2.0-flash'],
  ['gpt-4.1', 'gpt-4.1'],
  ['eleven_v3', 'eleven_v3'],
])('%s goes by %s', (model, key) => expect(billedModelKey(model)).toBe(key));

describe('a thousand days with injected faults', () => {
  const MODELS = ['alpha', 'beta-2026-01-01', 'gamma', 'delta', 'epsilon'];
  const FAULTS = ['none', 'none', 'missing', 'extra', 'price', 'cents', 'lost_call', 'found_call'] as const;
  type Fault = (typeof FAULTS)[number];
  const EXPECTED = {
    none: ['matched'],
    missing: ['ours_only'],
    extra: ['matched', 'theirs_only'],
    price: ['price_drift'],
    cents: ['matched', 'rounding'],
    lost_call: ['ours_only'],
    found_call: ['theirs_only'],
  } as const satisfies Record<Fault, readonly BillClass[]>;

  /** Mulberry32: the same days at every run. */
  function makeRandom(seed: number): (below: number) => number {
    let state = seed;
    return (below) => {
      state = (state + 0x6d_2b_79_f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
    };
  }

  it('all are found and classed as what they are, and nothing else is', () => {
    const random = makeRandom(8);
    let faults = 0;
    for (let number = 0; number < 1000; number++) {
      const day = new Date(Date.UTC(2024, 0, 1 + number)).toISOString().slice(0, 10);
      // A bill is either rounded as a whole or not at all.
      const isCents = number % 4 === 0;
      const ours: OurCharge[] = [];
      const theirs: BilledLine[] = [];
      const expected = new Map<string, readonly BillClass[]>();
      for (const model of MODELS) {
        const calls = 1 + random(50);
        const costNanoUsd = BigInt(1_000_000_000 + random(1_000_000_000));
        const units = calls * (10 + random(1000));
        const fault = FAULTS[random(FAULTS.length)] ?? 'none';
        if (fault !== 'none' && fault !== 'cents') faults++;
        ours.push(charge({ day, model, calls, costNanoUsd, units: BigInt(units) }));
        const cost = fault === 'price' ? (costNanoUsd * BigInt(105 + random(50))) / 100n : costNanoUsd;
        const counted = calls + (fault === 'lost_call' ? -1 : fault === 'found_call' ? 1 : 0);
        const rounded = isCents ? ((cost + 5_000_000n) / 10_000_000n) * 10_000_000n : cost;
        const usage = { ...NO_USAGE, inputTokens: units };
        if (fault !== 'missing') {
          theirs.push(
            line({ day, model: model.replace(/-\d.*/, ''), calls: counted, usage, costNanoUsd: rounded, decimals: isCents ? 2 : 9 }),
          );
        }
        if (fault === 'extra')
          theirs.push(line({ day, model: `stranger-${model}`, calls: 1, costNanoUsd: rounded, decimals: isCents ? 2 : 9 }));
        const same: BillClass = rounded === cost ? 'matched' : 'rounding';
        expected.set(
          model,
          EXPECTED[fault][0] === 'matched' ? [same, ...EXPECTED[fault].filter((name) => name === 'theirs_only')] : EXPECTED[fault],
        );
      }
      const found = reconcileBill(ours, theirs);
      for (const [model, wanted] of expected) {
        const own = found.filter((comparison) => comparison.model === model).map(({ class: name }) => name);
        const strangers = found.filter((comparison) => comparison.model === `stranger-${model}`).map(({ class: name }) => name);
        expect([...own, ...strangers], `${day} ${model}`).toEqual(wanted);
      }
      expect(found).toHaveLength([...expected.values()].flat().length);
    }
    expect(faults).toBeGreaterThan(2500);
  });
});
