/** The wire of Anthropic's Messages API: what is sent and how the answer is read. No SDK here. */
import { type Json, NO_USAGE, type ReasoningEffort, type ToolCall, type Usage } from '@ai-core/core';
import { z } from 'zod';
import type { TextSettings } from './map-options.ts';
import type { Ending, TextReading } from './ending.ts';
import { argumentsOf, type ChatMessage } from './map-tools.ts';

type ClaudeEffort = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** The wire has no effort below low. Thinking can be switched off on some models only, so it is never asked for. */
const EFFORTS: Readonly<Record<ReasoningEffort, ClaudeEffort>> = {
  none: 'low',
  minimal: 'low',
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'xhigh',
  max: 'max',
};

/** The wire caches only up to where it is told to; a context is named again and again, and the text after it changes. */
function systemOf({ context, system }: TextSettings) {
  if (context === '') return system === '' ? undefined : system;
  const cached = { type: 'text' as const, text: context, cache_control: { type: 'ephemeral' as const } };
  return system === '' ? [cached] : [cached, { type: 'text' as const, text: system }];
}

type ClaudeBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: Record<string, Json> }
  | { readonly type: 'tool_result'; readonly tool_use_id: string; readonly content: string };

/** Results of functions are messages of the user, those of one turn together in one. */
function claudeMessages(messages: readonly ChatMessage[]) {
  const sent: { role: 'user' | 'assistant'; content: string | ClaudeBlock[] }[] = [];
  for (const message of messages) {
    if (message.role === 'tool') {
      const result = { type: 'tool_result' as const, tool_use_id: message.toolCallId, content: message.content };
      const last = sent.at(-1);
      if (last?.role === 'user' && Array.isArray(last.content)) last.content.push(result);
      else sent.push({ role: 'user', content: [result] });
    } else if (message.role === 'assistant' && message.toolCalls.length > 0) {
      const text = message.content === '' ? [] : [{ type: 'text' as const, text: message.content }];
      const calls = message.toolCalls.map((call) => ({
        type: 'tool_use' as const,
        id: call.id,
        name: call.name,
        input: argumentsOf(call),
      }));
      sent.push({ role: 'assistant', content: [...text, ...calls] });
    } else sent.push({ role: message.role, content: message.content });
  }
  return sent;
}

const NO_ARGUMENTS = { type: 'object' as const };

/** A conversation with calls in it needs the functions even where no more are to be called. */
function claudeTools({ tools, messages }: TextSettings) {
  if (tools === undefined) {
    const called = messages.flatMap((message) => (message.role === 'assistant' ? message.toolCalls : []));
    const names = [...new Set(called.map(({ name }) => name))];
    if (names.length === 0) return {};
    return { tools: names.map((name) => ({ name, input_schema: NO_ARGUMENTS })), tool_choice: { type: 'none' as const } };
  }
  const { functions, choice = 'auto', parallel } = tools;
  const single = parallel === false ? { disable_parallel_tool_use: true } : {};
  const words = {
    none: { type: 'none' as const },
    auto: { type: 'auto' as const, ...single },
    required: { type: 'any' as const, ...single },
  };
  return {
    tools: functions.map(({ name, description, parameters, strict }) => ({
      name,
      description,
      input_schema: { ...parameters, ...NO_ARGUMENTS },
      strict,
    })),
    tool_choice: typeof choice === 'object' ? { type: 'tool' as const, name: choice.name, ...single } : words[choice],
  };
}

/** The body of POST /v1/messages, without the field for streaming. Fields that are undefined are not sent. */
export function claudeBody(settings: TextSettings, { model, canReason }: { model: string; canReason: boolean }) {
  const schema = settings.jsonByWire ? settings.json?.schema : undefined;
  const outputConfig = {
    // Left alone, the models think at high effort, at output prices.
    ...(canReason ? { effort: EFFORTS[settings.effort ?? 'low'] } : {}),
    ...(schema ? { format: { type: 'json_schema' as const, schema } } : {}),
  };
  return {
    model,
    max_tokens: settings.maxOutputTokens,
    system: systemOf(settings),
    messages: claudeMessages(settings.messages),
    ...claudeTools(settings),
    stop_sequences: settings.stop === undefined ? undefined : [...settings.stop],
    output_config: Object.keys(outputConfig).length > 0 ? outputConfig : undefined,
  };
}

const Count = z.number().nullish();
const MessageUsage = z.object({
  input_tokens: z.number(),
  output_tokens: z.number(),
  cache_read_input_tokens: Count,
  cache_creation_input_tokens: Count,
  cache_creation: z.object({ ephemeral_1h_input_tokens: Count }).nullish(),
  output_tokens_details: z.object({ thinking_tokens: Count }).nullish(),
  service_tier: z.string().nullish(),
});

/** input_tokens leaves out what was read from and written to the cache; output_tokens includes thinking. */
function readUsage(raw: Json): Usage | undefined {
  const parsed = MessageUsage.safeParse(raw);
  if (!parsed.success) return undefined;
  const usage = parsed.data;
  const read = usage.cache_read_input_tokens ?? 0;
  const written = usage.cache_creation_input_tokens ?? 0;
  const long = usage.cache_creation?.ephemeral_1h_input_tokens ?? 0;
  return {
    ...NO_USAGE,
    inputTokens: usage.input_tokens + read + written,
    cacheReadTokens: read,
    cacheWriteTokens: written - long,
    cacheWriteLongTokens: long,
    outputTokens: usage.output_tokens,
    reasoningTokens: usage.output_tokens_details?.thinking_tokens ?? 0,
    batch: usage.service_tier === 'batch',
  };
}

const RawUsage = z.record(z.string(), z.json()).nullish().catch(null);
const Block = z.object({
  type: z.string(),
  text: z.string().nullish(),
  id: z.string().nullish(),
  name: z.string().nullish(),
  input: z.json().nullish(),
});
type Block = z.infer<typeof Block>;
const Message = z.object({
  model: z.string().nullish(),
  content: z.array(Block).nullish(),
  stop_reason: z.string().nullish(),
  usage: RawUsage,
});

const ENDINGS: Readonly<Record<string, Ending>> = {
  end_turn: 'complete',
  stop_sequence: 'complete',
  tool_use: 'complete',
  max_tokens: 'length',
  refusal: 'refused',
  model_context_window_exceeded: 'context',
};

function endingOf(stopReason: string | null, answered: boolean): Ending {
  if (stopReason === null) return 'unfinished';
  const ending = ENDINGS[stopReason] ?? 'strange';
  return ending === 'complete' && !answered ? 'absent' : ending;
}

function callOf({ id, name }: Block, text: string): ToolCall {
  return { id: id ?? '', name: name ?? '', arguments: text };
}

/**
 * Reads a whole answer.
 * @param value the parsed JSON body
 * @throws ZodError when it is not a message
 */
export function readMessage(value: unknown): TextReading {
  const { model, content, stop_reason, usage } = Message.parse(value);
  const text = (content ?? []).map((block) => (block.type === 'text' ? (block.text ?? '') : '')).join('');
  const toolCalls = (content ?? [])
    .filter((block) => block.type === 'tool_use')
    .map((block) => callOf(block, JSON.stringify(block.input ?? {})));
  const rawUsage: Json = usage ?? null;
  const endingWord = stop_reason ?? null;
  const answered = text !== '' || toolCalls.length > 0;
  return {
    text,
    toolCalls,
    ending: endingOf(endingWord, answered),
    endingWord,
    model: model ?? null,
    usage: readUsage(rawUsage),
    rawUsage,
  };
}

const Event = z.object({
  type: z.string(),
  index: z.number().nullish(),
  message: Message.nullish(),
  content_block: Block.nullish(),
  delta: z
    .object({
      type: z.string().nullish(),
      text: z.string().nullish(),
      partial_json: z.string().nullish(),
      stop_reason: z.string().nullish(),
    })
    .nullish(),
  usage: RawUsage,
});

/**
 * Reads a streamed answer event by event. The counts of the last event complete those of the first.
 * @param events parsed JSON of each event
 * @param onPiece gets each piece of text
 * @throws ZodError when an event is not one of a message
 */
export async function readEvents(events: AsyncIterable<unknown>, onPiece: (piece: string) => void): Promise<TextReading> {
  let text = '';
  let model: string | null = null;
  let stopReason: string | null = null;
  let usage: Record<string, Json> | null = null;
  const calls = new Map<number, { readonly block: Block; text: string }>();
  for await (const value of events) {
    const event = Event.parse(value);
    model = event.message?.model ?? model;
    stopReason = event.delta?.stop_reason ?? stopReason;
    const said: Record<string, Json> | null | undefined = event.message?.usage ?? event.usage;
    // The last event may say null of what the first has counted.
    if (said) usage = Object.assign(usage ?? {}, Object.fromEntries(Object.entries(said).filter(([, count]) => count !== null)));
    if (event.content_block?.type === 'tool_use') calls.set(event.index ?? 0, { block: event.content_block, text: '' });
    const call = calls.get(event.index ?? 0);
    if (call !== undefined) call.text += event.delta?.partial_json ?? '';
    if (event.delta?.type !== 'text_delta' || !event.delta.text) continue;
    text += event.delta.text;
    onPiece(event.delta.text);
  }
  const toolCalls = [...calls.values()].map(({ block, text: input }) => callOf(block, input === '' ? '{}' : input));
  const answered = text !== '' || toolCalls.length > 0;
  return {
    text,
    toolCalls,
    ending: endingOf(stopReason, answered),
    endingWord: stopReason,
    model,
    usage: readUsage(usage),
    rawUsage: usage,
  };
}
