/**
 * What becomes of a text request's options, for every provider alike.
 *
 * | option | becomes |
 * |---|---|
 * | `system` | the beginning of the system text |
 * | `messages` | the conversation, in place of the prompt; its system messages join the system text |
 * | `language`, `secondary_language`, `difficulty`, any other simple value | a sentence each at the end of the system text |
 * | `max_tokens`, `max_completion_tokens`, `max_output_tokens` | the output limit, never above the call's own |
 * | `temperature`, `top_p`, `seed`, `stop`, `frequency_penalty`, `presence_penalty` | sent where the model takes it |
 * | `reasoning` or `reasoning_effort` (`none` to `max`, true, false); `deep_reasoning: true` | the reasoning effort, where the model has one |
 * | `response_format` (`json`, or OpenAI's objects) | the wire's own JSON mode, else a sentence in the system text |
 * | `tools` | functions the model may call; a model that calls none refuses the request |
 * | `contexts` | nothing: the texts come as the call's `context`, before everything else |
 * | `quality: "premium"`, `tier` and what else has chosen the model | nothing: done before the call |
 * | anything else | left out, and named in ignoredOptions |
 */
import { type Json, REASONING_EFFORTS, type ReasoningEffort, sayContentOptions } from '@ai-core/core';
import { z } from 'zod';
import type { Abilities, Ability } from './abilities.ts';
import { ProviderFailure } from './failure.ts';
import { type ChatMessage, mapMessages, mapTools, messageText, type ToolSettings } from './map-tools.ts';
import type { TextCall } from './provider.ts';

/** Every text call has a limit, so that the most it can cost is known before it is made. */
export const DEFAULT_MAX_OUTPUT_TOKENS = 4_096;

export interface JsonFormat {
  readonly name: string;
  /** undefined = any JSON object. */
  readonly schema: Record<string, Json> | undefined;
}

/** A text call's options in neutral terms, checked against what the model can do. */
export interface TextSettings {
  /** Named contexts, before the system text; '' = none. */
  readonly context: string;
  /** '' = none. */
  readonly system: string;
  readonly messages: readonly ChatMessage[];
  readonly maxOutputTokens: number;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly seed: number | undefined;
  readonly stop: readonly string[] | undefined;
  readonly frequencyPenalty: number | undefined;
  readonly presencePenalty: number | undefined;
  /** undefined = not asked for: the adapter's default. */
  readonly effort: ReasoningEffort | undefined;
  /** The answer must be JSON. */
  readonly json: JsonFormat | undefined;
  /** True when the wire has to ask for the JSON; else the system text does. */
  readonly jsonByWire: boolean;
  /** Functions the model may call; undefined = none. */
  readonly tools: ToolSettings | undefined;
  readonly ignoredOptions: readonly string[];
}

const EffortOption = z.union([z.enum(REASONING_EFFORTS), z.boolean().transform((wanted): ReasoningEffort => (wanted ? 'medium' : 'none'))]);
const Schema = z.record(z.string(), z.json());
const ResponseFormat = z.union([
  z.enum(['json', 'json_object']).transform((): JsonFormat => ({ name: 'answer', schema: undefined })),
  z.object({ type: z.enum(['json', 'json_object']) }).transform((): JsonFormat => ({ name: 'answer', schema: undefined })),
  z
    .object({
      type: z.literal('json_schema'),
      json_schema: z.object({
        name: z
          .string()
          .regex(/^[\w-]{1,64}$/)
          .default('answer'),
        schema: Schema,
      }),
    })
    .transform(({ json_schema: { name, schema } }): JsonFormat => ({ name, schema })),
]);
const SystemText = z.string();
const Limit = z.int().positive();
const TextFormat = z.union([z.literal('text'), z.object({ type: z.literal('text') })]);

/** Technical options: what is a good value, and the ability a model needs for it. */
const TECHNICAL = {
  temperature: { needs: 'temperature', value: z.number().min(0).max(2) },
  top_p: { needs: 'top_p', value: z.number().min(0).max(1) },
  seed: { needs: 'seed', value: z.int() },
  stop: {
    needs: 'stop',
    value: z.union([
      z
        .string()
        .min(1)
        .transform((word) => [word]),
      z.array(z.string().min(1)).min(1).max(4),
    ]),
  },
  frequency_penalty: { needs: 'frequency_penalty', value: z.number().min(-2).max(2) },
  presence_penalty: { needs: 'presence_penalty', value: z.number().min(-2).max(2) },
} as const satisfies Record<string, { needs: Ability; value: z.ZodType }>;
const LIMIT_NAMES = ['max_tokens', 'max_completion_tokens', 'max_output_tokens'] as const;
const EFFORT_NAMES = ['reasoning', 'reasoning_effort'] as const;

type Options = Readonly<Record<string, Json>>;
type MappedCall = Pick<TextCall, 'prompt' | 'context' | 'options' | 'maxOutputTokens'>;

/** Reads options one by one and remembers those that could not be honoured. */
function optionReader(
  options: Options,
  abilities: Abilities,
): { ignored: string[]; read: <Value>(name: string, schema: z.ZodType<Value>, needs?: Ability) => Value | undefined } {
  const ignored: string[] = [];
  return {
    ignored,
    read(name, schema, needs) {
      const value = options[name];
      if (value === undefined || value === null) return undefined;
      const parsed = schema.safeParse(value);
      if (parsed.success && (needs === undefined || abilities.has(needs))) return parsed.data;
      ignored.push(name);
      return undefined;
    },
  };
}

function conversation(call: MappedCall): { system: string[]; messages: ChatMessage[] } {
  const given = call.options['messages'];
  if (given === undefined || given === null) return { system: [], messages: [{ role: 'user', content: call.prompt }] };
  const { system, messages } = mapMessages(given);
  if (messages.length === 0) messages.push({ role: 'user', content: call.prompt });
  return { system, messages };
}

/** Left out, the model would answer something else: an answer that only looks like one. */
function toolsFor(call: MappedCall, { abilities, ignored }: { abilities: Abilities; ignored: string[] }): ToolSettings | undefined {
  const tools = mapTools(call.options['tools']);
  if (tools === undefined) return undefined;
  if (!abilities.has('tools')) {
    throw new ProviderFailure('REQUEST_INVALID', 'this model does not call functions; leave out tools, or ask a model that does', {
      charged: 'no',
    });
  }
  if (tools.parallel === undefined || abilities.has('parallel_tool_calls')) return tools;
  ignored.push('parallel_tool_calls');
  return { ...tools, parallel: undefined };
}

function jsonSentence({ schema }: JsonFormat): string {
  const by = schema === undefined ? '' : ` that fits this JSON schema: ${JSON.stringify(schema)}`;
  return `Answer with one JSON object and nothing else${by}`;
}

/**
 * Maps a call's options to what can be sent.
 * @param abilities what the model takes
 * @throws ProviderFailure REQUEST_INVALID when options.messages is no conversation of texts and calls, and for tools the model cannot use
 */
export function mapOptions(call: MappedCall, abilities: Abilities): TextSettings {
  const { ignored, read } = optionReader(call.options, abilities);
  const { system, messages } = conversation(call);
  const own = read('system', SystemText);
  if (own) system.unshift(own);

  const said = sayContentOptions(call.options);
  const sentences = [...said.sentences];
  ignored.push(...said.unsaid);

  const plainText = TextFormat.safeParse(call.options['response_format']).success;
  const json = plainText ? undefined : read('response_format', ResponseFormat);
  const jsonByWire = json !== undefined && abilities.has(json.schema === undefined ? 'json' : 'json_schema');
  // OpenAI refuses its plain JSON mode when no message speaks of JSON.
  if (json && (!jsonByWire || json.schema === undefined)) sentences.push(jsonSentence(json));

  const limits = LIMIT_NAMES.map((name) => read(name, Limit)).filter((limit) => limit !== undefined);
  const asked = EFFORT_NAMES.map((name) => read(name, EffortOption, 'reasoning')).find((effort) => effort !== undefined);
  const deep = call.options['deep_reasoning'] === true && abilities.has('reasoning') ? 'high' : undefined;
  return {
    context: call.context ?? '',
    system: [...system, ...(sentences.length > 0 ? [sentences.join('\n')] : [])].join('\n\n'),
    messages,
    maxOutputTokens: Math.min(call.maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS, ...limits),
    temperature: read('temperature', TECHNICAL.temperature.value, TECHNICAL.temperature.needs),
    topP: read('top_p', TECHNICAL.top_p.value, TECHNICAL.top_p.needs),
    seed: read('seed', TECHNICAL.seed.value, TECHNICAL.seed.needs),
    stop: read('stop', TECHNICAL.stop.value, TECHNICAL.stop.needs),
    frequencyPenalty: read('frequency_penalty', TECHNICAL.frequency_penalty.value, TECHNICAL.frequency_penalty.needs),
    presencePenalty: read('presence_penalty', TECHNICAL.presence_penalty.value, TECHNICAL.presence_penalty.needs),
    effort: asked ?? deep,
    json,
    jsonByWire,
    tools: toolsFor(call, { abilities, ignored }),
    ignoredOptions: ignored.toSorted(),
  };
}

/** The system text with the contexts before it. */
export function joinSystem({ context, system }: Pick<TextSettings, 'context' | 'system'>): string {
  return [context, system].filter((part) => part !== '').join('\n\n');
}

/** Everything a model is given to read, as one text. */
export function joinSent({ context, system, messages, tools }: Pick<TextSettings, 'context' | 'system' | 'messages' | 'tools'>): string {
  const functions = tools === undefined ? [] : [JSON.stringify(tools.functions)];
  return [joinSystem({ context, system }), ...functions, ...messages.map(messageText)].join('\n');
}

/** Of what has an ability of its own, only tools make a call longer when the model has it. */
const LONGEST: Abilities = new Set<Ability>(['tools']);

/**
 * The longest text that any provider is given for a call, for working out beforehand what the call can cost at most.
 * @throws ProviderFailure REQUEST_INVALID when options.messages is no conversation of texts and calls
 */
export function sentText(call: MappedCall): string {
  return joinSent(mapOptions(call, LONGEST));
}
