/** Recorded usage of provider calls with the bill worked by hand, and a reader for the working. */
import { type Json, NO_USAGE, PROVIDER_NAMES, type Usage } from '@ai-core/core';
import { z } from 'zod';
import claude from './claude.json' with { type: 'json' };
import elevenlabs from './elevenlabs.json' with { type: 'json' };
import gemini from './gemini.json' with { type: 'json' };
import googleTts from './google-tts.json' with { type: 'json' };
import local from './local-small-model.json' with { type: 'json' };
import openai from './openai.json' with { type: 'json' };

const Count = z.int().min(0);
/** A bill as it is written by hand: quantity*USD per million, half of it for a batch. */
const WORKING = /^\((.+)\) \/ 1e6 USD( \* 0\.5)?$/;
const TERM = /^(\d+)\*(\d+)(?:\.(\d+))?$/;
/** Digits of a USD rate that are told apart. */
const RATE_DIGITS = 9;

const UsageFixtureSchema = z.strictObject({
  title: z.string().min(1),
  provider: z.enum(PROVIDER_NAMES),
  /** The model that was asked. */
  asked: z.string().min(1),
  /** The model the answer names, where it is another name. */
  answered: z.string().nullable(),
  /** When the call began. */
  at: z.iso.datetime(),
  batch: z.boolean(),
  /** The usage as the vendor sends it; null = none was sent. */
  raw: z.json(),
  /** What was spoken, for speech. */
  text: z.string().optional(),
  /** What went to and fro, where no usage was sent. */
  sent: z.string().optional(),
  received: z.string().optional(),
  /** The counts that are not zero. */
  usage: z.strictObject({
    inputTokens: Count.optional(),
    cacheReadTokens: Count.optional(),
    cacheWriteTokens: Count.optional(),
    cacheWriteLongTokens: Count.optional(),
    outputTokens: Count.optional(),
    reasoningTokens: Count.optional(),
    audioOutputTokens: Count.optional(),
    characters: Count.optional(),
    batch: z.literal(true).optional(),
    estimated: z.literal(true).optional(),
  }),
  /** The bill worked by hand, or why there is none. */
  workings: z.string().min(1),
  costNanoUsd: z.string().regex(/^\d+$/).nullable(),
  /** equal, or what the independent calculator says in nano-USD (null = it has no price) and why it differs. */
  oracle: z.union([
    z.literal('equal'),
    z.strictObject({
      says: z.string().regex(/^\d+$/).nullable(),
      why: z.string().min(1),
    }),
  ]),
});

export interface UsageFixture extends Omit<z.infer<typeof UsageFixtureSchema>, 'usage' | 'raw'> {
  readonly raw: Json;
  readonly usage: Usage;
}

export const USAGE_FIXTURES: readonly UsageFixture[] = z
  .array(UsageFixtureSchema)
  .parse([openai, claude, gemini, elevenlabs, googleTts, local].flat())
  .map((fixture) => ({ ...fixture, usage: { ...NO_USAGE, ...fixture.usage } }));

/**
 * Works a bill out from its written form alone, without any price of the catalogue.
 * @param workings like "(1024*0.10 + 200*0.50) / 1e6 USD * 0.5"
 * @returns nano-USD, rounded half up; null when it is not arithmetic but a reason
 */
export function workOut(workings: string): bigint | null {
  const [, terms, half] = WORKING.exec(workings) ?? [];
  if (terms === undefined) return null;
  let sum = 0n;
  for (const term of terms.split(' + ')) {
    const [, quantity, whole, fraction = ''] = TERM.exec(term) ?? [];
    if (quantity === undefined || whole === undefined) throw new TypeError(`"${term}" is not quantity*rate`);
    sum += BigInt(quantity) * BigInt(whole + fraction.padEnd(RATE_DIGITS, '0'));
  }
  // The rates are in nano-USD now, and each is the price of a million.
  const exactPerNano = 1_000_000n * (half === undefined ? 1n : 2n);
  return (sum * 2n + exactPerNano) / (exactPerNano * 2n);
}
