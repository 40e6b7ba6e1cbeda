import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { collectTrainingData, countTrainingData, storeTraining, writeTrainingFiles } from '@ai-core/store';
import type { Services } from '../services.ts';

/**
 * Brings the curated examples up to date with memory, and keeps an export of them in the object store for as long as nothing changes: its
 * key is its content. Real and emulated examples each have their own.
 */
export async function exportTrainingDataNightly(services: Services): Promise<void> {
  const { database, objects, log } = services;
  await collectTrainingData(database);
  if (objects === undefined) return;
  const folder = await mkdtemp(path.join(tmpdir(), 'ai-core-training-'));
  try {
    for (const simulated of [false, true]) {
      if ((await countTrainingData(database, simulated)).verified === 0) continue;
      const written = await writeTrainingFiles(database, { path: path.join(folder, 'training.jsonl'), format: 'openai-chat', simulated });
      const { manifest } = await storeTraining(objects, written);
      log.info({ manifest, simulated, ...written.manifest.examples }, 'training data is exported');
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
