/** What every format of training data has to say for itself. */
import type { TrainingExample } from './training-example.ts';

/** What a reader of a format takes at most; absent = no limit is known. */
export interface TrainingLimits {
  readonly fileBytes?: number | undefined;
  /** Of one example, estimated. */
  readonly exampleTokens?: number | undefined;
  readonly fewestExamples?: number | undefined;
  readonly validationExamples?: number | undefined;
}

export interface TrainingFormatRules {
  /** repetition: an example of weight 2 stands there twice. field: it says so itself. none: the format knows no weights. */
  readonly weights: 'repetition' | 'field' | 'none';
  readonly limits: TrainingLimits;
  /** @returns the value of one line; null when the format cannot say this example */
  render(example: TrainingExample): object | null;
  /**
   * Reads a line back by the rules of whoever trains with it.
   * @returns what is wrong with it, in words; null = it is good
   */
  findFault(line: unknown): string | null;
}
