import path from 'node:path';
import { commandTrainer, openaiTrainer, vertexTrainer, type Trainer, type VertexTrainerSettings } from '@ai-core/flywheel';
import type { Environment } from '@ai-core/runtime';
import type { TrainingProvider } from '@ai-core/store';
import type { ProviderAccess } from './roles.ts';

/** What a worker can train with. */
export interface TrainingSettings {
  /** Data and output of runs; a run of the command trainer lives in it over restarts. */
  readonly folder: string;
  /** Shell command of the trainer on this machine; undefined = there is none. */
  readonly command: string | undefined;
  readonly vertex: VertexTrainerSettings | undefined;
  readonly trainers: Readonly<Partial<Record<TrainingProvider, Trainer>>>;
  /** Trains by itself when so many new examples are verified; undefined = never. */
  readonly afterExamples: number | undefined;
  /** The model it then begins with. */
  readonly baseModel: string;
}

const DEFAULT_BASE_MODEL = 'gpt-4o-mini-2024-07-18';

interface Given {
  readonly access: ProviderAccess;
  readonly spoolFolder: string;
  readonly training?: Partial<TrainingSettings> | undefined;
}

/** Completes what was given: OpenAI's fine-tuning wherever there is its key. */
export function decideTraining({ access, spoolFolder, training = {} }: Given): TrainingSettings {
  const { command, vertex } = training;
  const openai = access.openai?.apiKey;
  return {
    folder: training.folder ?? path.join(path.dirname(spoolFolder), 'training'),
    command,
    vertex,
    afterExamples: training.afterExamples,
    baseModel: training.baseModel ?? DEFAULT_BASE_MODEL,
    trainers: {
      ...(openai === undefined ? {} : { openai: openaiTrainer({ apiKey: openai, baseUrl: access.openai?.baseUrl ?? null }) }),
      ...(vertex === undefined ? {} : { vertex: vertexTrainer(vertex) }),
      ...(command === undefined ? {} : { command: commandTrainer({ command }) }),
      ...training.trainers,
    },
  };
}

/** Reads the settings from the environment. */
export function readTrainingSettings(environment: Environment): Partial<TrainingSettings> {
  const { VERTEX_PROJECT: project, VERTEX_BUCKET: bucket, VERTEX_SERVICE_ACCOUNT: serviceAccount } = environment;
  const complete = project !== undefined && bucket !== undefined && serviceAccount !== undefined;
  return {
    command: environment.AI_CORE_TRAIN_COMMAND,
    afterExamples: environment.AI_CORE_TRAIN_AFTER,
    baseModel: environment.AI_CORE_TRAIN_BASE_MODEL,
    vertex: complete
      ? { project, bucket, serviceAccount, location: environment.VERTEX_LOCATION, baseUrl: environment.VERTEX_BASE_URL ?? null }
      : undefined,
  };
}
