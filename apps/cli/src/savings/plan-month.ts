import { AUDIO_REQUEST_TYPE, type Kind } from '@ai-core/core';
import { drawPrompts } from './draw-prompts.ts';
import { createRandom, drawInteger, weightedDraw, type Random } from './random.ts';
import { CLASS_SPAN_MS, DAYS, HOUR_WEIGHTS, LEARNERS, REQUEST_MIX, RESPELLED_SHARE } from './request-mix.ts';
import { respell, writePrompt } from './write-prompt.ts';

export interface PlannedRequest {
  /** Who has the same key wants the same answer. */
  readonly key: string;
  readonly kind: Kind;
  readonly requestType: string;
  /** The prompt as it is typed, or the text to speak. */
  readonly text: string;
  readonly language: string;
  readonly user: string;
  /** It may wait for a batch. */
  readonly patient: boolean;
  /** Milliseconds from the start of the month. */
  readonly atMs: number;
}

export interface Month {
  /** In the order of their time. */
  readonly requests: readonly PlannedRequest[];
  readonly distinctKeys: number;
  /** Of a memory that forgets nothing: every request but the first of its key. */
  readonly idealHitRate: number;
}

export interface MonthSettings {
  readonly requests: number;
  readonly seed: number;
  /** Distinct prompts over requests; null = what Zipf's law gives. */
  readonly distinctShare: number | null;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LANGUAGES = ['en', 'de', 'fr', 'es'] as const;
const drawHour = weightedDraw(HOUR_WEIGHTS);

/**
 * Splits a whole number by shares; what rounding leaves over goes to those it has taken most from.
 * @returns whole numbers that add up to `total`
 */
export function apportion(total: number, shares: readonly number[]): number[] {
  const sum = shares.reduce((all, share) => all + share, 0);
  const exact = shares.map((share) => (total * share) / sum);
  const parts = exact.map(Math.floor);
  const left = total - parts.reduce((all, part) => all + part, 0);
  const byRest = exact.map((value, index) => ({ index, rest: value % 1 })).toSorted((one, two) => two.rest - one.rest);
  for (const { index } of byRest.slice(0, left)) parts[index] = (parts[index] ?? 0) + 1;
  return parts;
}

function drawMoment(random: Random): number {
  return drawInteger(random, 0, DAYS - 1) * DAY_MS + (drawHour(random) + random()) * HOUR_MS;
}

/**
 * Plans every request of a month.
 * @returns the same month for the same settings
 */
export function planMonth({ requests: total, seed, distinctShare }: MonthSettings): Month {
  const random = createRandom(`month ${seed}`);
  const counts = apportion(
    total,
    REQUEST_MIX.map(({ share }) => share),
  );
  const distinct = distinctShare === null ? null : apportion(Math.round(distinctShare * total), counts);
  const requests = REQUEST_MIX.flatMap((mix, index) => {
    const { requestType } = mix;
    const isSpoken = requestType === AUDIO_REQUEST_TYPE;
    const drawn = drawPrompts(random, { ...mix, count: counts[index] ?? 0, distinct: distinct?.[index] ?? null });
    return drawn.flatMap(({ rank, callers }) => {
      const prompt = writePrompt(seed, mix, rank);
      const startMs = drawMoment(random);
      return Array.from({ length: callers }, (): PlannedRequest => {
        // Who speaks a text in capitals may spell it: speech is never respelled.
        const text = !isSpoken && random() < RESPELLED_SHARE ? respell(random, prompt) : prompt;
        return {
          key: `${requestType} ${rank}`,
          kind: isSpoken ? 'audio' : 'text',
          requestType,
          text,
          patient: mix.patient === true,
          language: LANGUAGES[rank % LANGUAGES.length] ?? 'en',
          user: `learner ${drawInteger(random, 1, LEARNERS)}`,
          atMs: Math.floor(startMs + (callers > 1 ? random() * CLASS_SPAN_MS : 0)),
        };
      });
    });
  });
  const distinctKeys = new Set(requests.map(({ key }) => key)).size;
  return {
    requests: requests.toSorted((one, two) => one.atMs - two.atMs),
    distinctKeys,
    idealHitRate: total === 0 ? 0 : (total - distinctKeys) / total,
  };
}
