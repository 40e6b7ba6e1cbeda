import { rollUpRange } from '@ai-core/store';
import type { Services } from '../services.ts';

const DAY_MS = 86_400_000;

/** Recounts the day before from the usage log, touched or not: the daily tables mend themselves. */
export async function recountDay(services: Services, day: string): Promise<void> {
  const before = new Date(Date.parse(day) - DAY_MS).toISOString().slice(0, 10);
  await rollUpRange(services.database, { from: before, to: before });
}
