/** The options AI Core knows by name. Any other JSON key is allowed: it is part of the question and is sent to the model's adapter. */
import { z } from 'zod';
import { TIERS } from './model.ts';

/** How hard a reasoning model thinks before it answers, cheapest first. */
export const REASONING_EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type ReasoningEffort = (typeof REASONING_EFFORTS)[number];

const word = z.string().max(100).nullish();
const flag = z.boolean().nullish();

const responseFormat = z.union([z.enum(['text', 'json']), z.looseObject({ type: z.enum(['text', 'json_object', 'json_schema']) })], {
  error: 'must be "text", "json" or an object whose type is text, json_object or json_schema',
});

/** Options of a text request that have a meaning here. */
export const TextOptionsSchema = z.looseObject({
  language: word.describe('Language of the answer, such as ja.'),
  secondary_language: word.describe('Second language of a bilingual answer.'),
  difficulty: word.describe('Such as easy, medium, hard.'),
  output_format: word.describe('What the backend makes of the answer.'),
  quality: word.describe('"premium" asks for a premium model; any other value is only a part of the question.'),
  deep_reasoning: flag.describe('true asks for a premium model.'),
  tier: z.enum(TIERS).nullish().describe('Tier to use instead of the one of the request type.'),
  fallback: flag.describe('In manual mode: true lets other models answer when the named one cannot.'),
  case_sensitive: flag.describe('true keeps case, inner white space and line ends of the prompt apart.'),
  system: z.string().nullish().describe('Instructions to the model before the prompt.'),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  seed: z.int().nullish(),
  max_tokens: z.int().min(1).max(1_000_000).nullish().describe('Most tokens of the answer, reasoning included.'),
  response_format: responseFormat.nullish().describe('"json", or an object with type json_schema and the schema as OpenAI takes it.'),
  reasoning: z.enum(REASONING_EFFORTS).nullish().describe('How hard a reasoning model thinks.'),
});

/** Options of a speech request that have a meaning here. */
export const AudioOptionsSchema = z.looseObject({
  speed: z.number().min(0.25).max(4).nullish().describe('1 is normal.'),
  fallback: flag.describe('In manual mode: true lets other engines speak when the named one cannot.'),
});

/** @returns true when the answer has to be JSON */
export function wantsJson(options: Readonly<Record<string, unknown>>): boolean {
  const format = options['response_format'];
  if (typeof format === 'string') return format === 'json';
  return typeof format === 'object' && format !== null && 'type' in format && format.type !== 'text';
}
