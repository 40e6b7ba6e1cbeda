import type { Usage } from '@ai-core/core';
import { z } from 'zod';
import { splitDeltas } from '../split-deltas.ts';
import type { Vendor } from '../vendor.ts';
import { jsonReply, type Outcome, type PaidRoute, type Reply, type TextOrder, type TextProduct } from '../wire.ts';

const Content = z.union([z.string(), z.array(z.object({ type: z.string(), text: z.string().optional() })), z.null()]);
const Body = z.strictObject({
  model: z.string().min(1),
  messages: z.array(z.object({ role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']), content: Content })).min(1),
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

function orderOf(body: Body): TextOrder {
  const format = body.response_format;
  return {
    model: body.model,
    prompt: plain(body.messages.findLast((message) => message.role === 'user')?.content ?? null),
    input: body.messages.map((message) => plain(message.content)).join('\n'),
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

function replyOf(product: TextProduct): Reply {
  const refused = product.outcome === 'refusal';
  const message = { role: 'assistant', content: refused ? null : product.text, refusal: refused ? product.text : null, annotations: [] };
  const usage = usageOf(product.usage);
  return jsonReply({
    id: product.id,
    object: 'chat.completion',
    created: product.createdAtS,
    model: product.model,
    choices: product.outcome === 'nothing' ? [] : [{ index: 0, message, logprobs: null, finish_reason: FINISH[product.outcome] }],
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
    frames.push(frame([{ index: 0, delta: {}, finish_reason: FINISH[product.outcome] }]));
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
