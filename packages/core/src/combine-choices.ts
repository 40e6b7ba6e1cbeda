/** Which of two answers is better, by a judge model and by people who chose blind: the figures that follow for the gate. */
import { meanInterval, shareInterval, summariseScores, type Interval } from './intervals.ts';

export const PAIR_CHOICES = ['candidate', 'against', 'tie'] as const;
export type PairChoice = (typeof PAIR_CHOICES)[number];

export interface ChosenPair {
  readonly judged: PairChoice;
  /** The choice of a person who did not see the makers; null = nobody has chosen. */
  readonly human: PairChoice | null;
}

/** What people have said of an evaluation. */
export interface PeopleFigures {
  readonly choices: number;
  /** Mean of 1 for a win of the candidate, 0.5 for a tie, 0 for a loss, over the pairs that people have seen. */
  readonly preference: Interval;
  /** Share of their choices that the judge had made too. */
  readonly agreement: Interval;
}

export interface CombinedChoices {
  /** Over all pairs: a person's choice counts where there is one, else the judge's. */
  readonly preference: Interval;
  /** null = no person has chosen. */
  readonly people: PeopleFigures | null;
}

const POINTS = { candidate: 1, tie: 0.5, against: 0 } as const satisfies Record<PairChoice, number>;

function preferenceOf(choices: readonly PairChoice[]): Interval {
  return meanInterval(summariseScores(choices.map((choice) => POINTS[choice])));
}

/** Brings both together. A person who has looked outweighs the judge, who stands in for people where none has. */
export function combineChoices(pairs: readonly ChosenPair[]): CombinedChoices {
  const seen = pairs.flatMap(({ judged, human }) => (human === null ? [] : [{ judged, human }]));
  return {
    preference: preferenceOf(pairs.map(({ judged, human }) => human ?? judged)),
    people:
      seen.length === 0
        ? null
        : {
            choices: seen.length,
            preference: preferenceOf(seen.map(({ human }) => human)),
            agreement: shareInterval(seen.filter(({ judged, human }) => judged === human).length, seen.length),
          },
  };
}
