import type { RequestMix } from './request-mix.ts';
import { CLASS_SIZE, ZIPF_EXPONENT } from './request-mix.ts';
import { drawInteger, weightedDraw, type Random } from './random.ts';

/** A moment of the month in which one prompt is asked for. */
export interface DrawnPrompt {
  /** Place of the prompt in its type, 0 = the most popular. */
  readonly rank: number;
  /** How many ask at that moment: 1, or a class. */
  readonly callers: number;
}

export interface PromptDraw extends Pick<RequestMix, 'personalShare' | 'classShare'> {
  /** Requests in all. */
  readonly count: number;
  /** Exactly this many prompts are asked for; null = as many as chance has it. */
  readonly distinct: number | null;
}

/**
 * Draws which prompts of one type are asked for, by Zipf's law over a catalogue as large as the number of requests. Personal prompts
 * stand behind the catalogue, each once. With a number of distinct prompts each of them is asked for at least once, and the others
 * follow Zipf's law over them.
 * @returns moments whose callers add up to `count`
 */
export function drawPrompts(random: Random, { count, distinct, personalShare, classShare }: PromptDraw): DrawnPrompt[] {
  const catalogue = Math.max(1, distinct ?? count);
  const drawRank = weightedDraw(Array.from({ length: catalogue }, (_, rank) => (rank + 1) ** -ZIPF_EXPONENT));
  const drawn: DrawnPrompt[] = Array.from({ length: distinct ?? 0 }, (_, rank) => ({ rank, callers: 1 }));
  let personal = 0;
  for (let left = count - drawn.length; left > 0;) {
    if (distinct === null && random() < personalShare) {
      drawn.push({ rank: catalogue + personal++, callers: 1 });
      left -= 1;
      continue;
    }
    const wanted = random() < classShare ? drawInteger(random, CLASS_SIZE.least, CLASS_SIZE.most) : 1;
    const callers = Math.min(left, wanted);
    drawn.push({ rank: drawRank(random), callers });
    left -= callers;
  }
  return drawn;
}
