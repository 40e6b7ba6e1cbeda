import type { Usage } from '@ai-core/core';
import { z } from 'zod';
import { splitDeltas } from '../split-deltas.ts';
import { claude } from '../vendors/claude.ts';
import { jsonReply, type Outcome, type PaidRoute, type Reply, type TextOrder, type TextProduct } from '../wire.ts';

const Block = z.object({ type: z.string(), text: z.string().optional() });
const Content = z.union([z.string(), z.array(Block)]);
const Body = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.int().positive(),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant']), content: Content })).min(1),
  system: Content.optional(),
  stop_sequences: z.array(z.string()).optional(),
  metadata: z.object({ user_id: z.string().optional() }).optional(),
  output_config: z
    .object({
      effort: z.enum(['low', 'medium', 'high', 'xhigh', 'max']).nullable().optional(),
      format: z.object({ type: z.literal('json_schema'), schema: z.record(z.string(), z.unknown()) }).optional(),
    })
    .optional(),
  thinking: z.object({ type: z.enum(['adaptive', 'between_tools', 'disabled', 'enabled']) }).optional(),
  service_tier: z.string().optional(),
  cache_control: z.object({ type: z.literal('ephemeral') }).optional(),
  stream: z.boolean().optional(),
});
type Body = z.infer<typeof Body>;

function plain(content: z.infer<typeof Content>): string {
  return typeof content === 'string' ? content : content.map((block) => block.text ?? '').join('');
}

function orderOf(body: Body): TextOrder {
  return {
    model: body.model,
    prompt: plain(body.messages.findLast((message) => message.role === 'user')?.content ?? ''),
    input: [plain(body.system ?? ''), ...body.messages.map((message) => plain(message.content))].join('\n'),
    maxOutputTokens: body.max_tokens,
    stream: body.stream === true,
    billsCacheWrites: true,
    effort: body.thinking?.type === 'disabled' ? 'none' : (body.output_config?.effort ?? undefined),
    json: body.output_config?.format ? { schema: body.output_config.format.schema } : undefined,
  };
}

const STOP: Record<Outcome, string> = {
  complete: 'end_turn',
  length: 'max_tokens',
  refusal: 'refusal',
  safety: 'refusal',
  'context-window': 'model_context_window_exceeded',
  nothing: 'end_turn',
};

/** Claude counts what it read from and wrote to its prompt cache beside input_tokens, not within. */
function usageOf(usage: Usage): object {
  return {
    input_tokens: usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cacheReadTokens,
    cache_creation: { ephemeral_5m_input_tokens: usage.cacheWriteTokens, ephemeral_1h_input_tokens: 0 },
    output_tokens: usage.outputTokens,
    output_tokens_details: { thinking_tokens: usage.reasoningTokens },
    service_tier: 'standard',
  };
}

function blocksOf(product: TextProduct): { type: string; [field: string]: unknown }[] {
  if (product.outcome === 'nothing') return [];
  const thinking = (product.usage?.reasoningTokens ?? 0) > 0 ? [{ type: 'thinking', thinking: '', signature: 'c2ltdWxhdGVk' }] : [];
  return [...thinking, { type: 'text', text: product.text, citations: null }];
}

function messageOf(product: TextProduct, content: unknown): object {
  return {
    id: product.id,
    type: 'message',
    role: 'assistant',
    model: product.model,
    content,
    stop_reason: STOP[product.outcome],
    stop_sequence: null,
  };
}

function replyOf(product: TextProduct): Reply {
  const content = product.text === null ? null : blocksOf(product);
  return jsonReply({ ...messageOf(product, content), ...(product.usage ? { usage: usageOf(product.usage) } : {}) });
}

function framesOf(product: TextProduct): string[] {
  const frame = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
  const usage = product.usage ? { usage: usageOf(product.usage) } : {};
  const started = product.usage ? { usage: { ...usageOf(product.usage), output_tokens: 1 } } : {};
  const frames = [frame('message_start', { message: { ...messageOf(product, []), stop_reason: null, ...started } }), frame('ping', {})];
  for (const [index, block] of blocksOf(product).entries()) {
    const empty = block.type === 'text' ? { ...block, text: '' } : block;
    frames.push(frame('content_block_start', { index, content_block: empty }));
    const deltas = block.type === 'text' ? splitDeltas(product.text ?? '').map((text) => ({ type: 'text_delta', text })) : [];
    for (const delta of deltas) frames.push(frame('content_block_delta', { index, delta }));
    frames.push(frame('content_block_stop', { index }));
  }
  frames.push(
    frame('message_delta', { delta: { stop_reason: STOP[product.outcome], stop_sequence: null }, ...usage }),
    frame('message_stop', {}),
  );
  return frames;
}

/** POST /v1/messages of Anthropic's API from version 2026-10-21 on, which takes no temperature. */
export const claudeMessages: PaidRoute = {
  kind: 'paid',
  wire: 'claude-messages',
  vendor: claude,
  method: 'POST',
  path: /^\/v1\/messages$/,
  read(request) {
    return { kind: 'text', order: orderOf(Body.parse(request.body)), reply: replyOf, frames: framesOf };
  },
};
