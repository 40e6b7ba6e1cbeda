import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startTraining } from '@ai-core/flywheel';
import { countTrainingData, writeTrainingFiles } from '@ai-core/store';
import type { Services } from '../services.ts';

/** Orders a training when enough new examples are verified since the last one. Off unless AI_CORE_TRAIN_AFTER says how many. */
export async function trainWhenReady(services: Services, day: string): Promise<void> {
  const { database, objects, training } = services;
  if (training.afterExamples === undefined || objects === undefined) return;
  const { verified, included } = await countTrainingData(database, false);
  if (verified - included < training.afterExamples) return;
  const provider = training.trainers.command === undefined ? 'openai' : 'command';
  const folder = await mkdtemp(path.join(tmpdir(), 'ai-core-training-'));
  try {
    const dataFile = path.join(folder, 'training.jsonl');
    await writeTrainingFiles(database, { path: dataFile, format: 'openai-chat' });
    const name = `auto-${day}`;
    await startTraining({
      database,
      objects,
      dataFile,
      validationFile: null,
      validationShare: 0.1,
      batchId: name,
      version: name,
      baseModel: training.baseModel,
      provider,
      simulated: false,
      requestedBy: 'train-when-ready',
    });
    services.log.info({ version: name, provider, examples: verified }, 'a training is ordered: enough new examples are verified');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
