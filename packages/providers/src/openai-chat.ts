/**
 * OpenAI's chat completions wire, which many servers speak: what is sent and how the answer is read. No SDK here; the
 * adapters that import this file bring theirs.
 */
import { type Json, NO_USAGE, type ReasoningEffort, type ToolCall, type Usage } from '@ai-core/core';
import { z } from 'zod';
import type { Ability } from './abilities.ts';
import { joinSystem, type TextSettings } from './map-options.ts';
import type { Ending, TextReading } from './ending.ts';
import type { ChatMessage, ToolSettings } from './map-tools.ts';

/** Every ability this wire has a field for. */
export const CHAT_WIRE: ReadonlySet<Ability> = new Set<Ability>([
  'temperature',
  'top_p',
  'seed',
  'stop',
  'frequency_penalty',
  'presence_penalty',
  'reasoning',
  'json',
  'json_schema',
  'tools',
  'parallel_tool_calls',
]);

/** In what servers of this wire differ. */
export interface ChatDialect {
  /** OpenAI's newer models refuse max_tokens, older servers know nothing else. */
  readonly limitField: 'max_completion_tokens' | 'max_tokens';
  /** Sent when the caller asks for none; undefined = leave it to the server. */
  readonly defaultEffort: ReasoningEffort | undefined;
}

interface ChatBodyOptions extends ChatDialect {
  readonly model: string;
}

function chatMessage(message: ChatMessage) {
  switch (message.role) {
    case 'user':
      return { role: 'user' as const, content: message.content };
    case 'tool':
      return { role: 'tool' as const, content: message.content, tool_call_id: message.toolCallId };
    case 'assistant': {
      if (message.toolCalls.length === 0) return { role: 'assistant' as const, content: message.content };
      const calls = message.toolCalls.map(({ id, name, arguments: text }) => ({
        id,
        type: 'function' as const,
        function: { name, arguments: text },
      }));
      return { role: 'assistant' as const, content: message.content === '' ? null : message.content, tool_calls: calls };
    }
  }
}

function chatTools(tools: ToolSettings | undefined) {
  if (tools === undefined) return {};
  const { functions, choice, parallel } = tools;
  return {
    tools: functions.map((wanted) => ({ type: 'function' as const, function: wanted })),
    tool_choice: typeof choice === 'object' ? { type: 'function' as const, function: choice } : choice,
    parallel_tool_calls: parallel,
  };
}

/** The body of POST /chat/completions, without the fields for streaming. Fields that are undefined are not sent. */
export function chatBody(settings: TextSettings, { model, limitField, defaultEffort }: ChatBodyOptions) {
  const { json, jsonByWire } = settings;
  const instructions = joinSystem(settings);
  const system = instructions === '' ? [] : [{ role: 'system' as const, content: instructions }];
  const format = json?.schema
    ? { type: 'json_schema' as const, json_schema: { name: json.name, schema: json.schema } }
    : { type: 'json_object' as const };
  return {
    model,
    messages: [...system, ...settings.messages.map(chatMessage)],
    [limitField]: settings.maxOutputTokens,
    temperature: settings.temperature,
    top_p: settings.topP,
    seed: settings.seed,
    stop: settings.stop === undefined ? undefined : [...settings.stop],
    frequency_penalty: settings.frequencyPenalty,
    presence_penalty: settings.presencePenalty,
    reasoning_effort: settings.effort ?? defaultEffort,
    response_format: jsonByWire ? format : undefined,
    ...chatTools(settings.tools),
  };
}

const Count = z.number().nullish();
const ChatUsage = z.object({
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  prompt_tokens_details: z
    .object({
      cached_tokens: Count,
      cache_write_tokens: Count,
      cache_write_tokens_details: z.object({ ttl_12h_tokens: Count }).nullish(),
    })
    .nullish(),
  completion_tokens_details: z.object({ reasoning_tokens: Count }).nullish(),
});

/** prompt_tokens includes what came from and went to the cache; completion_tokens includes reasoning. */
function readUsage(raw: unknown): Usage | undefined {
  const parsed = ChatUsage.safeParse(raw);
  if (!parsed.success) return undefined;
  const { prompt_tokens, completion_tokens, prompt_tokens_details: input, completion_tokens_details: output } = parsed.data;
  const long = input?.cache_write_tokens_details?.ttl_12h_tokens ?? 0;
  return {
    ...NO_USAGE,
    inputTokens: prompt_tokens,
    cacheReadTokens: input?.cached_tokens ?? 0,
    cacheWriteTokens: (input?.cache_write_tokens ?? 0) - long,
    cacheWriteLongTokens: long,
    outputTokens: completion_tokens,
    reasoningTokens: output?.reasoning_tokens ?? 0,
  };
}

const RawUsage = z.json().optional().catch(null);
const Message = z.object({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  tool_calls: z
    .array(
      z.object({
        /** Of a piece of a stream: the call it belongs to. */
        index: z.number().nullish(),
        id: z.string().nullish(),
        function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
});
const Completion = z.object({
  model: z.string().nullish(),
  choices: z.array(z.object({ message: Message, finish_reason: z.string().nullish() })),
  usage: RawUsage,
});
const Chunk = z.object({
  model: z.string().nullish(),
  choices: z.array(z.object({ delta: Message.nullish(), finish_reason: z.string().nullish() })).nullish(),
  usage: RawUsage,
});

const ENDINGS: Readonly<Record<string, Ending>> = {
  stop: 'complete',
  tool_calls: 'complete',
  length: 'length',
  content_filter: 'refused',
};

type Message = z.infer<typeof Message>;

/** Puts calls together from whole messages, or from pieces that bring a call's name first and its arguments bit by bit. */
function callCollector(): { take(message: Message | null | undefined): void; calls(): ToolCall[] } {
  const calls = new Map<number, { id: string; name: string; text: string }>();
  return {
    take(message) {
      for (const [position, piece] of (message?.tool_calls ?? []).entries()) {
        const index = piece.index ?? position;
        const call = calls.get(index) ?? { id: '', name: '', text: '' };
        call.id ||= piece.id ?? '';
        call.name += piece.function?.name ?? '';
        call.text += piece.function?.arguments ?? '';
        calls.set(index, call);
      }
    },
    calls: () => [...calls.values()].map(({ id, name, text }) => ({ id, name, arguments: text === '' ? '{}' : text })),
  };
}

function endingOf({ refusal, finish, absent }: { refusal: string; finish: string | null; absent: boolean }): Ending {
  if (absent) return 'absent';
  if (refusal !== '') return 'refused';
  return finish === null ? 'unfinished' : (ENDINGS[finish] ?? 'strange');
}

/**
 * Reads a whole answer.
 * @param value the parsed JSON body
 * @throws ZodError when it is not a chat completion
 */
export function readCompletion(value: unknown): TextReading {
  const { model, choices, usage } = Completion.parse(value);
  const choice = choices[0];
  const rawUsage: Json = usage ?? null;
  const refusal = choice?.message.refusal ?? '';
  const finish = choice?.finish_reason ?? null;
  const collector = callCollector();
  collector.take(choice?.message);
  return {
    text: choice?.message.content ?? '',
    toolCalls: collector.calls(),
    // A whole answer without a finish reason is whole all the same: small servers leave it out.
    ending: endingOf({ refusal, finish: finish ?? 'stop', absent: choice === undefined }),
    endingWord: refusal === '' ? finish : 'refusal',
    model: model ?? null,
    usage: readUsage(rawUsage),
    rawUsage,
  };
}

/**
 * Reads a streamed answer chunk by chunk.
 * @param chunks parsed JSON of each event
 * @param onPiece gets each piece of text
 * @throws ZodError when an event is not a chunk of a chat completion
 */
export async function readChunks(chunks: AsyncIterable<unknown>, onPiece: (piece: string) => void): Promise<TextReading> {
  let text = '';
  let refusal = '';
  let finish: string | null = null;
  let model: string | null = null;
  let rawUsage: Json = null;
  let absent = true;
  let ended = false;
  const collector = callCollector();
  for await (const value of chunks) {
    const chunk = Chunk.parse(value);
    model = chunk.model || model;
    rawUsage = chunk.usage ?? rawUsage;
    if (chunk.usage) ended = true;
    const choice = chunk.choices?.[0];
    if (!choice) continue;
    absent = false;
    collector.take(choice.delta);
    refusal += choice.delta?.refusal ?? '';
    finish = choice.finish_reason ?? finish;
    const piece = choice.delta?.content ?? '';
    text += piece;
    if (piece !== '') onPiece(piece);
  }
  return {
    text,
    toolCalls: collector.calls(),
    ending: endingOf({ refusal, finish, absent: absent && ended }),
    endingWord: refusal === '' ? finish : 'refusal',
    model,
    usage: readUsage(rawUsage),
    rawUsage,
  };
}
