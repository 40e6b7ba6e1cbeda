import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { meanInterval } from './intervals.ts';
import { TIERS } from './model.ts';
import { proposeTier, type MeasuredModel, type TierQuestion } from './propose-tier.ts';

const measured = (model: string, mean: number, more: { readonly count?: number; readonly cost?: bigint | null } = {}): MeasuredModel => ({
  provider: 'openai',
  model,
  scores: { count: more.count ?? 200, mean, variance: 0.02 },
  costNanoUsd: more.cost === undefined ? 100n : more.cost,
});
const question: TierQuestion = {
  tier: 'premium',
  now: measured('best', 0.95, { cost: 1_000n }),
  firstOf: { cheap: measured('small', 0.9, { cost: 100n }), normal: measured('middle', 0.93, { cost: 400n }) },
  floor: 0.8,
  minScores: 20,
  monthlyCalls: 3_000,
};
const ask = (changes: Partial<TierQuestion>) => proposeTier({ ...question, ...changes });

describe('a cheaper tier for a request type', () => {
  it('is the cheapest whose measured quality is surely above the floor, with what a month saves', () => {
    expect(ask({}).proposal).toMatchObject({ tier: 'cheap', model: { model: 'small' }, monthlySavingNanoUsd: 900n * 3_000n });
    const { cheap, normal } = { cheap: measured('small', 0.7), normal: measured('middle', 0.93, { cost: 400n }) };
    expect(ask({ firstOf: { cheap, normal } })).toMatchObject({
      proposal: { tier: 'normal', monthlySavingNanoUsd: 600n * 3_000n },
      judged: [
        { tier: 'cheap', refusal: 'below_floor' },
        { tier: 'normal', refusal: null },
      ],
    });
  });

  it.for([
    ['too_few_scores', { firstOf: { cheap: measured('small', 1, { count: 19 }) } }],
    ['below_floor', { firstOf: { cheap: measured('small', 0.81, { count: 20 }) } }],
    ['not_cheaper', { firstOf: { cheap: measured('small', 0.95, { cost: 1_000n }) } }],
    ['price_unknown', { firstOf: { cheap: measured('small', 0.95, { cost: null }) } }],
    ['no_model', { firstOf: {} }],
  ] as const)('is not proposed when there is a reason against it: %s', ([refusal, changes]) => {
    const { proposal, judged } = ask({ tier: 'normal', ...changes });
    expect(proposal).toBeNull();
    expect(judged).toMatchObject([{ tier: 'cheap', refusal }]);
  });

  it('never is dearer, below the floor, or measured too little, whatever was measured', () => {
    const model = fc
      .record({
        count: fc.nat(300),
        mean: fc.double({ min: 0, max: 1, noNaN: true }),
        cost: fc.option(fc.bigInt(0n, 2_000n), { nil: null }),
      })
      .map(({ count, mean, cost }) => measured('any', mean, { count, cost }));
    const firstOf = fc.record({ cheap: model, normal: model, premium: model }, { requiredKeys: [] });
    const asked = fc.record({ tier: fc.constantFrom(...TIERS), floor: fc.double({ min: 0, max: 1, noNaN: true }), firstOf, now: model });
    fc.assert(
      fc.property(asked, (changes) => {
        const { proposal, judged } = ask(changes);
        const cheaper = TIERS.slice(0, TIERS.indexOf(changes.tier));
        expect(judged.map(({ tier }) => tier)).toEqual(cheaper);
        expect(judged.every(({ refusal }) => refusal !== null)).toBe(proposal === null);
        if (proposal === null) return;
        expect(cheaper).toContain(proposal.tier);
        expect(meanInterval(proposal.model.scores).low).toBeGreaterThanOrEqual(changes.floor);
        expect(proposal.model.scores.count).toBeGreaterThanOrEqual(question.minScores);
        expect(proposal.monthlySavingNanoUsd).toBeGreaterThan(0n);
      }),
    );
  });
});
