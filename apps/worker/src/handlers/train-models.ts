import { hostname } from 'node:os';
import { advanceTraining } from '@ai-core/flywheel';
import type { Services } from '../services.ts';

/** Takes every training run one step further that has a step due. */
export async function trainModels(services: Services): Promise<void> {
  const { database, objects, training, workerId, log } = services;
  if (objects === undefined) return;
  for (;;) {
    if (services.isStopping()) return;
    const run = await advanceTraining({
      database,
      objects,
      trainers: training.trainers,
      workerId: workerId(),
      host: hostname(),
      folder: training.folder,
    });
    if (run === null) return;
    log.info({ version: run.model_version, batch: run.training_batch_id, phase: run.phase }, 'a training run went a step further');
  }
}
