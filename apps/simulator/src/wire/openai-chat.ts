import type { Usage } from '@ai-core/core';
import { z } from 'zod';
import { chooseTools } from '../call-tools.ts';
import { splitDeltas } from '../split-deltas.ts';
import type { Vendor } from '../vendor.ts';
import { jsonReply, type OfferedTool, type Outcome, type PaidRoute, type Reply, type TextOrder, type TextProduct } from '../wire.ts';

const Content = z.union([z.string(), z.array(z.object({ type: z.string(), text: z.string().optional() })), z.null()]);
const Call = z.strictObject({
  id: z.string().max(40),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
});
const Tool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: z.string().regex(/^[\w-]{1,64}$/),
    description: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
    strict: z.boolean().optional(),
  }),
});
const Body = z.strictObject({
  model: z.string().min(1),
  messages: z
    .array(
      z.strictObject({
        role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
        content: Content,
        tool_calls: z.array(Call).min(1).optional(),
        tool_call_id: z.string().max(40).optional(),
      }),
    )
    .min(1),
  tools: z.array(Tool).min(1).max(128).optional(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.strictObject({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
    ])
    .optional(),
  parallel_tool_calls: z.boolean().optional(),
  max_completion_tokens: z.int().positive().optional(),
  max_tokens: z.int().positive().optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  frequency_penalty: z.number().min(-2).max(2).optional(),
  presence_penalty: z.number().min(-2).max(2).optional(),
  seed: z.int().optional(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).optional(),
  n: z.literal(1).optional(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']).optional(),
  response_format: z
    .union([
      z.object({ type: z.enum(['text', 'json_object']) }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({ name: z.string(), schema: z.unknown(), strict: z.boolean().optional() }),
      }),
    ])
    .optional(),
  stream: z.boolean().optional(),
  stream_options: z.object({ include_usage: z.boolean().optional() }).optional(),
  prompt_cache_key: z.string().optional(),
  safety_identifier: z.string().optional(),
  service_tier: z.string().optional(),
  store: z.boolean().optional(),
  user: z.string().optional(),
});
type Body = z.infer<typeof Body>;

/** OpenAI's models that reason take neither a temperature nor the old name of the token limit. */
const REASONING_MODELS = /^(gpt-[5-9]|o\d)/;

function plain(content: z.infer<typeof Content>): string {
  if (content === null) return '';
  return typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('');
}

function refuseUnsupported(body: Body): void {
  if (!REASONING_MODELS.test(body.model)) return;
  if (body.max_tokens !== undefined) throw new Error("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.");
  if (body.temperature !== undefined && body.temperature !== 1) throw new Error("Unsupported value: 'temperature' with this model.");
}

/** Every call is answered by a message of the role tool right after it, or the API refuses the conversation. */
function refuseUnanswered({ messages }: Body): void {
  const open = new Set<string>();
  for (const { role, tool_calls: calls = [], tool_call_id: answered } of messages) {
    if (role === 'tool') {
      if (!open.delete(answered ?? ''))
        throw new Error("messages with role 'tool' must be a response to a preceding message with 'tool_calls'.");
    } else if (open.size > 0) {
      throw new Error("An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.");
    }
    for (const { id } of calls) open.add(id);
  }
}

function toolsOf(body: Body, prompt: string): OfferedTool[] {
  if (body.tools === undefined) {
    if (body.tool_choice !== undefined) throw new Error("'tool_choice' is only allowed when 'tools' are specified.");
    return [];
  }
  const choice = body.tool_choice ?? 'auto';
  return chooseTools({
    offered: body.tools.map(({ function: { name, parameters } }) => ({ name, parameters })),
    choice: typeof choice === 'object' ? choice.function : choice,
    answered: body.messages.at(-1)?.role === 'tool',
    parallel: body.parallel_tool_calls ?? true,
    prompt,
  });
}

function orderOf(body: Body): TextOrder {
  refuseUnanswered(body);
  const format = body.response_format;
  const prompt = plain(body.messages.findLast((message) => message.role === 'user')?.content ?? null);
  const read = body.messages.flatMap((message) => [
    plain(message.content),
    ...(message.tool_calls ?? []).map((call) => call.function.arguments),
  ]);
  return {
    model: body.model,
    prompt,
    input: [...(body.tools === undefined ? [] : [JSON.stringify(body.tools)]), ...read].join('\n'),
    tools: toolsOf(body, prompt),
    maxOutputTokens: body.max_completion_tokens ?? body.max_tokens,
    stream: body.stream === true,
    billsCacheWrites: true,
    effort: body.reasoning_effort,
    json:
      format === undefined || format.type === 'text'
        ? undefined
        : { schema: 'json_schema' in format ? format.json_schema.schema : undefined },
  };
}

const FINISH: Record<Exclude<Outcome, 'nothing'>, string> = {
  complete: 'stop',
  length: 'length',
  refusal: 'stop',
  safety: 'content_filter',
  'context-window': 'length',
};

function usageOf(usage: Usage | undefined): object | null {
  if (usage === undefined) return null;
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cacheReadTokens, cache_write_tokens: usage.cacheWriteTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function callsOf({ calls }: TextProduct) {
  return calls.map(({ id, name, args }) => ({ id, type: 'function', function: { name, arguments: JSON.stringify(args) } }));
}

function finishOf({ calls }: TextProduct, outcome: Exclude<Outcome, 'nothing'>): string {
  return outcome === 'complete' && calls.length > 0 ? 'tool_calls' : FINISH[outcome];
}

function replyOf(product: TextProduct): Reply {
  const refused = product.outcome === 'refusal';
  const calls = callsOf(product);
  const message = {
    role: 'assistant',
    content: refused || calls.length > 0 ? null : product.text,
    refusal: refused ? product.text : null,
    annotations: [],
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
  const usage = usageOf(product.usage);
  return jsonReply({
    id: product.id,
    object: 'chat.completion',
    created: product.createdAtS,
    model: product.model,
    choices:
      product.outcome === 'nothing' ? [] : [{ index: 0, message, logprobs: null, finish_reason: finishOf(product, product.outcome) }],
    ...(usage === null ? {} : { usage }),
    service_tier: 'default',
  });
}

function framesOf(product: TextProduct, withUsage: boolean): string[] {
  const frame = (choices: object[], usage?: object | null): string =>
    `data: ${JSON.stringify({ id: product.id, object: 'chat.completion.chunk', created: product.createdAtS, model: product.model, choices, ...(withUsage ? { usage: usage ?? null } : {}) })}\n\n`;
  const frames: string[] = [];
  if (product.outcome !== 'nothing') {
    const field = product.outcome === 'refusal' ? 'refusal' : 'content';
    frames.push(frame([{ index: 0, delta: { role: 'assistant', content: '', refusal: null }, finish_reason: null }]));
    for (const piece of splitDeltas(product.text ?? '')) frames.push(frame([{ index: 0, delta: { [field]: piece }, finish_reason: null }]));
    for (const [index, { id, type, function: called }] of callsOf(product).entries()) {
      const begun = { index, id, type, function: { name: called.name, arguments: '' } };
      frames.push(frame([{ index: 0, delta: { tool_calls: [begun] }, finish_reason: null }]));
      for (const piece of splitDeltas(called.arguments))
        frames.push(frame([{ index: 0, delta: { tool_calls: [{ index, function: { arguments: piece } }] }, finish_reason: null }]));
    }
    frames.push(frame([{ index: 0, delta: {}, finish_reason: finishOf(product, product.outcome) }]));
  }
  if (withUsage && product.usage !== undefined) frames.push(frame([], usageOf(product.usage)));
  frames.push('data: [DONE]\n\n');
  return frames;
}

/** POST /v1/chat/completions, as OpenAI and the servers that copy it answer it. */
export function openaiChat(vendor: Vendor): PaidRoute {
  return {
    kind: 'paid',
    wire: 'openai-chat',
    vendor,
    method: 'POST',
    path: /^\/v1\/chat\/completions$/,
    read(request) {
      const body = Body.parse(request.body);
      if (vendor.provider === 'openai') refuseUnsupported(body);
      return {
        kind: 'text',
        order: orderOf(body),
        reply: replyOf,
        frames: (product) => framesOf(product, body.stream_options?.include_usage === true),
      };
    },
  };
}
