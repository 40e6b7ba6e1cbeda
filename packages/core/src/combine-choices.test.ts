import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { combineChoices, PAIR_CHOICES, type ChosenPair } from './combine-choices.ts';

const choice = fc.constantFrom(...PAIR_CHOICES);
const pair: fc.Arbitrary<ChosenPair> = fc.record({ judged: choice, human: fc.option(choice) });

describe('choices of a judge and of people', () => {
  it('without people are the judge’s alone', () => {
    const { preference, people } = combineChoices([
      { judged: 'candidate', human: null },
      { judged: 'against', human: null },
    ]);
    expect(preference.estimate).toBe(0.5);
    expect(people).toBeNull();
  });

  it('count a person’s where one has looked, and say how often both agree', () => {
    const { preference, people } = combineChoices([
      { judged: 'candidate', human: 'against' },
      { judged: 'candidate', human: 'candidate' },
      { judged: 'tie', human: null },
      { judged: 'candidate', human: null },
    ]);
    expect(preference.estimate).toBe((0 + 1 + 0.5 + 1) / 4);
    expect(people).toMatchObject({ choices: 2, preference: { estimate: 0.5 }, agreement: { estimate: 0.5 } });
  });

  it('do not depend on the order of the pairs, and no choice for the candidate makes it look worse', () => {
    fc.assert(
      fc.property(fc.array(pair, { minLength: 1, maxLength: 60 }), fc.nat(), (pairs, at) => {
        const { preference } = combineChoices(pairs);
        expect(combineChoices(pairs.toReversed()).preference.estimate).toBeCloseTo(preference.estimate, 12);
        const won = pairs.map((one, index) => (index === at % pairs.length ? { ...one, human: 'candidate' as const } : one));
        expect(combineChoices(won).preference.estimate).toBeGreaterThanOrEqual(preference.estimate);
      }),
    );
  });
});
