import { collectObjects } from '@ai-core/store';
import type { Services } from '../services.ts';

/** Deletes MP3s that no row names: what crashes between an object and its row leave behind. */
export async function collectUnnamedObjects({ database, objects, log }: Services): Promise<void> {
  if (objects === undefined) return;
  const collected = await collectObjects(database, objects);
  if (collected > 0) log.info({ objects: collected }, 'MP3s without a row are removed');
}
