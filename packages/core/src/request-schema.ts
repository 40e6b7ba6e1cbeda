/** Requests as they come over the wire: strict, snake_case; null means absent. */
import { z } from 'zod';
import { BATCH_DEADLINE_S } from './batch-lane.ts';
import { cleanOptions } from './clean-options.ts';
import { checkSelection } from './check-selection.ts';
import { RESERVED_OPTIONS } from './decide-hash-options.ts';
import { describeProblems } from './describe-problems.ts';
import { AiCoreError } from './errors.ts';
import { formatMoney, parseMoney } from './format-money.ts';
import { isStorable } from './normalize.ts';
import { AUDIO_REQUEST_TYPE } from './prompt-hash.ts';
import { SPEECH_FORMATS, type SpeechFormat } from './speech-format.ts';
import type { ProviderName } from './provider-facts.ts';
import { AudioOptionsSchema, TextOptionsSchema } from './request-options.ts';
import { CACHE_MODES, LANES, SELECTION_MODES } from './request.ts';
import type { CacheMode, Json, Lane, SelectionMode } from './request.ts';

/** How long POST /v1/text and /v1/audio wait when the request does not say, in seconds. */
export const DEFAULT_WAIT_SECONDS = 60;
/** 0 is served first. */
export const DEFAULT_PRIORITY = 0;
export const LOWEST_PRIORITY = 9;

const WEEK_SECONDS = 7 * 86_400;

const storable = { error: 'contains U+0000 or half of a surrogate pair, which cannot be stored' };
const label = z.string().min(1).max(200).refine(isStorable, storable);
const requestType = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, { error: 'must be 1 to 64 letters, digits, "_", "-" or "."' });
const words = z
  .string()
  .refine((text) => text.trim() !== '', { error: 'must not be empty' })
  .refine(isStorable, storable);
const notMoney = { error: 'must be a decimal number of US dollars with at most nine digits after the point' };
const money = z.union(
  [z.number(notMoney).min(0, notMoney).max(1e9, notMoney), z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, notMoney)],
  notMoney,
);

/** What a text and an audio request have in common. */
const common = {
  selection_mode: z.enum(SELECTION_MODES).nullish().describe('auto (default) or manual. Naming a provider and a model means manual.'),
  provider: z.string().max(50).nullish(),
  model: label.nullish(),
  fallback: z.boolean().nullish().describe('In manual mode: true lets other models answer when the named one cannot.'),
  user_id: z.union([label, z.int()], { error: 'must be text of 1 to 200 characters or a whole number' }).nullish(),
  user_category: label.nullish().describe('Category whose policy limits the choice of a model.'),
  endpoint: label.nullish().describe('Which function of the backend asks.'),
  scope: label
    .refine((scope) => !scope.startsWith('once:'), { error: 'must not begin with "once:", which AI Core uses itself' })
    .nullish()
    .describe('Who may be given the remembered answer: shared (default) or for example user:42.'),
  cache: z.enum(CACHE_MODES).nullish(),
  max_age_s: z.number().min(0).max(1e9).nullish().describe('A remembered answer older than this is bought anew, in seconds.'),
  lane: z
    .enum(LANES)
    .nullish()
    .describe(
      'interactive (default), or batch: texts are collected and answered within a day at the price of the batch API. A deadline of a day or more means batch.',
    ),
  priority: z.int().min(0).max(LOWEST_PRIORITY).nullish().describe('0 (first, default) to 9.'),
  deadline_s: z.number().min(1).max(WEEK_SECONDS).nullish().describe('When the answer stops being useful, in seconds from now.'),
  wait_s: z.number().min(0).max(300).nullish().describe('How long to wait before 202 is answered, in seconds; default 60.'),
  explain: z.boolean().nullish().describe('Tell which models were considered and why each was taken or not.'),
  estimate: z.boolean().nullish().describe('Only tell what the request can cost.'),
  max_cost_usd: money.nullish().describe('Refuse models whose call can cost more.'),
  webhook_url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .max(2000)
    .nullish(),
  known_names: z.array(label).max(100).nullish().describe('Names of people to keep out of everything that leaves AI Core.'),
};

export const TextRequestSchema = z.strictObject({
  request_type: requestType,
  prompt: words,
  options: TextOptionsSchema.nullish(),
  ...common,
});

export const AudioRequestSchema = z.strictObject({
  request_type: requestType.nullish(),
  text: words,
  language: z.string().regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}$/, { error: 'must be a language tag such as ja or en-GB' }),
  voice_id: label.nullish(),
  format: z.enum(SPEECH_FORMATS).nullish().describe('mp3 unless said otherwise; every engine has its own'),
  options: AudioOptionsSchema.nullish(),
  ...common,
});

interface RequestBase {
  readonly request_type: string;
  readonly options: Readonly<Record<string, Json>>;
  readonly selection_mode: SelectionMode;
  readonly provider?: ProviderName | undefined;
  readonly model?: string | undefined;
  readonly user_id?: string | undefined;
  readonly user_category?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly scope: string;
  readonly cache: CacheMode;
  readonly max_age_s?: number | undefined;
  readonly lane: Lane;
  readonly priority: number;
  readonly deadline_s?: number | undefined;
  readonly wait_s: number;
  readonly explain: boolean;
  readonly estimate: boolean;
  /** Canonical decimal of US dollars. */
  readonly max_cost_usd?: string | undefined;
  readonly webhook_url?: string | undefined;
  readonly known_names: readonly string[];
}

/** A checked text request, defaults filled in. */
export interface TextRequest extends RequestBase {
  readonly prompt: string;
}

/** A checked speech request, defaults filled in. In manual mode without a model the provider's default engine is meant. */
export interface AudioRequest extends RequestBase {
  readonly text: string;
  readonly language: string;
  readonly voice_id?: string | undefined;
  readonly format: SpeechFormat;
}

type Fields = Omit<z.infer<typeof TextRequestSchema>, 'prompt' | 'request_type' | 'options'>;

function parseWith<Schema extends typeof TextRequestSchema | typeof AudioRequestSchema>(schema: Schema, input: unknown): z.infer<Schema> {
  // Before zod, which would recurse into whatever nesting there is and drop a key named __proto__ without a word.
  if (typeof input === 'object' && input !== null && 'options' in input) refuseOptions(input.options);
  const result = schema.safeParse(input);
  if (result.success) return result.data as z.infer<Schema>;
  throw new AiCoreError('REQUEST_INVALID', describeProblems(result.error, input, new Set(Object.keys(schema.shape))));
}

function refuseOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) return;
  cleanOptions(options as Record<string, unknown>);
  if (Object.hasOwn(options, '__proto__')) throw new AiCoreError('REQUEST_INVALID', 'options must not have a key named __proto__.');
  const reserved = Object.keys(options).filter((key) => RESERVED_OPTIONS.has(key));
  if (reserved.length > 0)
    throw new AiCoreError('REQUEST_INVALID', `options must not contain ${reserved.join(', ')}: AI Core sets that itself.`);
}

function toCanonicalMoney(usd: string | number): string {
  // A number's shortest form may have an exponent or more digits than a nano-dollar; toFixed has neither.
  return formatMoney(parseMoney(typeof usd === 'number' ? usd.toFixed(9) : usd));
}

function optionsOf(
  options: Readonly<Record<string, unknown>> | null | undefined,
  fallback: boolean | null | undefined,
): Record<string, Json> {
  const present = Object.entries(options ?? {}).filter(([, value]) => value !== null && value !== undefined);
  // cleanOptions() has just proved that these are JSON values.
  const known = Object.fromEntries(present) as Record<string, Json>;
  return fallback === true ? { ...known, fallback: true } : known;
}

function withDefaults(fields: Fields): Omit<RequestBase, 'request_type' | 'options' | 'selection_mode' | 'provider' | 'model'> {
  return {
    user_id: fields.user_id == null ? undefined : String(fields.user_id),
    user_category: fields.user_category ?? undefined,
    endpoint: fields.endpoint ?? undefined,
    scope: fields.scope ?? 'shared',
    cache: fields.cache ?? 'use',
    max_age_s: fields.max_age_s ?? undefined,
    lane: fields.lane ?? 'interactive',
    priority: fields.priority ?? DEFAULT_PRIORITY,
    deadline_s: fields.deadline_s ?? undefined,
    wait_s: fields.wait_s ?? DEFAULT_WAIT_SECONDS,
    explain: fields.explain ?? false,
    estimate: fields.estimate ?? false,
    max_cost_usd: fields.max_cost_usd == null ? undefined : toCanonicalMoney(fields.max_cost_usd),
    webhook_url: fields.webhook_url ?? undefined,
    known_names: fields.known_names ?? [],
  };
}

/**
 * Checks a text request.
 * @param input what came over the wire
 * @throws AiCoreError REQUEST_INVALID with one sentence per problem; never with a value of the request
 */
export function parseTextRequest(input: unknown): TextRequest {
  const fields = parseWith(TextRequestSchema, input);
  return {
    request_type: fields.request_type,
    prompt: fields.prompt,
    options: optionsOf(fields.options, fields.fallback),
    ...checkSelection({ kind: 'text', mode: fields.selection_mode, provider: fields.provider, model: fields.model }),
    ...withDefaults(fields),
    // Half the price for whoever can wait for a day, unless he says otherwise.
    lane: fields.lane ?? ((fields.deadline_s ?? 0) >= BATCH_DEADLINE_S ? 'batch' : 'interactive'),
  };
}

/**
 * Checks a speech request.
 * @param input what came over the wire
 * @throws AiCoreError REQUEST_INVALID with one sentence per problem; never with a value of the request
 */
export function parseAudioRequest(input: unknown): AudioRequest {
  const fields = parseWith(AudioRequestSchema, input);
  return {
    request_type: fields.request_type ?? AUDIO_REQUEST_TYPE,
    text: fields.text,
    language: fields.language,
    voice_id: fields.voice_id ?? undefined,
    format: fields.format ?? 'mp3',
    options: optionsOf(fields.options, fields.fallback),
    ...checkSelection({ kind: 'audio', mode: fields.selection_mode, provider: fields.provider, model: fields.model }),
    ...withDefaults(fields),
  };
}
