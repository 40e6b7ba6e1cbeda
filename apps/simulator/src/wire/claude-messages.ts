import type { Usage } from '@ai-core/core';
import { z } from 'zod';
import { chooseTools } from '../call-tools.ts';
import { splitDeltas } from '../split-deltas.ts';
import { claude } from '../vendors/claude.ts';
import { jsonReply, type OfferedTool, type Outcome, type PaidRoute, type Reply, type TextOrder, type TextProduct } from '../wire.ts';

const Block = z.object({
  type: z.string(),
  text: z.string().optional(),
  /** Of a call. */
  id: z
    .string()
    .regex(/^[\w-]+$/)
    .optional(),
  name: z.string().optional(),
  input: z.record(z.string(), z.unknown()).optional(),
  /** Of what a function returned. */
  tool_use_id: z.string().optional(),
  content: z.string().optional(),
});
const Content = z.union([z.string(), z.array(Block)]);
const Body = z.strictObject({
  model: z.string().min(1),
  max_tokens: z.int().positive(),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant']), content: Content })).min(1),
  system: Content.optional(),
  tools: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[\w-]{1,64}$/),
        description: z.string().optional(),
        input_schema: z.looseObject({ type: z.literal('object') }),
        strict: z.boolean().optional(),
      }),
    )
    .optional(),
  tool_choice: z
    .discriminatedUnion('type', [
      z.strictObject({ type: z.enum(['auto', 'any']), disable_parallel_tool_use: z.boolean().optional() }),
      z.strictObject({ type: z.literal('tool'), name: z.string(), disable_parallel_tool_use: z.boolean().optional() }),
      z.strictObject({ type: z.literal('none') }),
    ])
    .optional(),
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

function blocksIn({ content }: Body['messages'][number]): z.infer<typeof Block>[] {
  return typeof content === 'string' ? [] : content;
}

/** A call is answered in the very next message, and functions in the conversation have to be told. */
function refuseUnanswered({ messages, tools }: Body): void {
  for (const [index, message] of messages.entries()) {
    const calls = blocksIn(message).filter(({ type }) => type === 'tool_use');
    if (calls.length === 0) continue;
    if (tools === undefined) throw new Error('Requests which include `tool_use` or `tool_result` blocks must define tools.');
    const next = messages[index + 1];
    const answered = new Set(next === undefined ? [] : blocksIn(next).map((block) => block.tool_use_id));
    if (calls.some(({ id }) => !answered.has(id)))
      throw new Error('`tool_use` ids were found without `tool_result` blocks immediately after.');
  }
}

const CHOICES = { auto: 'auto', any: 'required', none: 'none' } as const;

function toolsOf(body: Body, prompt: string): OfferedTool[] {
  const choice = body.tool_choice ?? { type: 'auto' as const };
  const last = body.messages.at(-1);
  return chooseTools({
    offered: (body.tools ?? []).map((tool) => ({ name: tool.name, parameters: tool.input_schema })),
    choice: choice.type === 'tool' ? { name: choice.name } : CHOICES[choice.type],
    answered: last !== undefined && blocksIn(last).some(({ type }) => type === 'tool_result'),
    parallel: choice.type === 'none' || choice.disable_parallel_tool_use !== true,
    prompt,
  });
}

/** Everything a model reads of a message. */
function readIn(message: Body['messages'][number]): string {
  const rest = blocksIn(message).map(({ input, content }) => (input === undefined ? (content ?? '') : JSON.stringify(input)));
  return [plain(message.content), ...rest].join('');
}

function orderOf(body: Body): TextOrder {
  refuseUnanswered(body);
  const asked = body.messages.findLast((message) => message.role === 'user' && plain(message.content) !== '');
  const prompt = plain(asked?.content ?? '');
  const functions = body.tools === undefined ? [] : [JSON.stringify(body.tools)];
  return {
    model: body.model,
    prompt,
    input: [plain(body.system ?? ''), ...functions, ...body.messages.map(readIn)].join('\n'),
    tools: toolsOf(body, prompt),
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
  const calls = product.calls.map(({ id, name, args }) => ({ type: 'tool_use', id: id.replace('call', 'toolu'), name, input: args }));
  return [...thinking, ...(calls.length > 0 ? calls : [{ type: 'text', text: product.text, citations: null }])];
}

function stopOf({ outcome, calls }: TextProduct): string {
  return outcome === 'complete' && calls.length > 0 ? 'tool_use' : STOP[outcome];
}

/** A block before its content, and the pieces in which that comes. */
function streamedBlock(block: { readonly type: string; readonly [field: string]: unknown }): { empty: object; deltas: object[] } {
  if (block.type === 'text')
    return {
      empty: { ...block, text: '' },
      deltas: splitDeltas(typeof block['text'] === 'string' ? block['text'] : '').map((text) => ({ type: 'text_delta', text })),
    };
  if (block.type !== 'tool_use') return { empty: block, deltas: [] };
  const pieces = splitDeltas(JSON.stringify(block['input']));
  return { empty: { ...block, input: {} }, deltas: ['', ...pieces].map((partial_json) => ({ type: 'input_json_delta', partial_json })) };
}

function messageOf(product: TextProduct, content: unknown): object {
  return {
    id: product.id,
    type: 'message',
    role: 'assistant',
    model: product.model,
    content,
    stop_reason: stopOf(product),
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
    const { empty, deltas } = streamedBlock(block);
    frames.push(frame('content_block_start', { index, content_block: empty }));
    for (const delta of deltas) frames.push(frame('content_block_delta', { index, delta }));
    frames.push(frame('content_block_stop', { index }));
  }
  frames.push(
    frame('message_delta', { delta: { stop_reason: stopOf(product), stop_sequence: null }, ...usage }),
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
