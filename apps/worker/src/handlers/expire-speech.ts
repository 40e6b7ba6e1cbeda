import { expireSpeech } from '@ai-core/store';
import type { Services } from '../services.ts';

/** Deletes the MP3s of answers that are not remembered, such as those with personal data, when they are a day old. */
export async function expireUnrememberedSpeech({ database, objects, log }: Services): Promise<void> {
  if (objects === undefined) return;
  const expired = await expireSpeech(database, objects);
  if (expired > 0) log.info({ answers: expired }, 'MP3s of answers that are not remembered are removed');
}
