/** An experiment in traffic: which of two models answers a prompt is decided by the prompt's hash. */
import { hash } from 'node:crypto';

export interface NamedModel {
  readonly provider: string;
  readonly model: string;
}

/** A running experiment: a row of ai_experiment. */
export interface Experiment {
  readonly name: string;
  /** Empty = all. */
  readonly requestTypes: readonly string[];
  readonly control: NamedModel;
  readonly candidate: NamedModel;
  /** Of the prompts, in percent. */
  readonly candidateShare: number;
}

/** The experiment that a request takes part in: the first, by name, that its type belongs to. */
export function findExperiment(experiments: readonly Experiment[], requestType: string): Experiment | undefined {
  return experiments
    .filter(({ requestTypes }) => requestTypes.length === 0 || requestTypes.includes(requestType))
    .toSorted((one, two) => (one.name < two.name ? -1 : 1))[0];
}

/** The model that a prompt gets: always the same one, and independent between experiments. */
export function armOf({ name, control, candidate, candidateShare }: Experiment, promptHash: string): NamedModel {
  const place = (Number.parseInt(hash('sha256', `${promptHash}/experiment/${name}`).slice(0, 8), 16) / 2 ** 32) * 100;
  return place < candidateShare ? candidate : control;
}
