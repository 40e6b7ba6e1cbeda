/** The body of POST /v1/chat/completions, as far as it can be honoured; a field that cannot be is refused rather than ignored. */
import { REASONING_EFFORTS } from '@ai-core/core';
import { z } from 'zod';

const TextPart = z.strictObject({
  type: z.literal('text', { error: 'must be text; images, audio and files are not served here' }),
  text: z.string(),
});
const Content = z.union([z.string(), z.array(TextPart).min(1)], { error: 'must be text or a list of text parts' });
const ToolCall = z.strictObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
});

const Message = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('system'), content: Content, name: z.string().optional() }),
  z.strictObject({ role: z.literal('developer'), content: Content, name: z.string().optional() }),
  z.strictObject({ role: z.literal('user'), content: Content, name: z.string().optional() }),
  z.strictObject({
    role: z.literal('assistant'),
    content: Content.nullish(),
    name: z.string().optional(),
    refusal: z.null().optional(),
    annotations: z.array(z.unknown()).max(0).optional(),
    audio: z.null().optional(),
    function_call: z.null().optional(),
    tool_calls: z.array(ToolCall).min(1).optional(),
  }),
  z.strictObject({ role: z.literal('tool'), content: Content, tool_call_id: z.string() }),
]);
export type ChatMessage = z.infer<typeof Message>;

const Tool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: z.string().regex(/^[\w-]{1,64}$/),
    description: z.string().optional(),
    parameters: z.looseObject({}).optional(),
    strict: z.boolean().nullish(),
  }),
});
const ToolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string() }) }),
]);

const ResponseFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    json_schema: z.strictObject({
      name: z.string(),
      description: z.string().optional(),
      schema: z.looseObject({}).optional(),
      strict: z.boolean().nullish(),
    }),
  }),
]);

const label = z.string().max(200);

export const ChatCompletionSchema = z.strictObject({
  model: z.string().min(1).max(200).describe('auto, auto:cheap, auto:normal, auto:premium, a model of /v1/models, or provider/model'),
  messages: z.array(Message).min(1).max(2_048),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.boolean().optional() }).nullish(),
  n: z.literal(1, { error: 'must be 1' }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  seed: z.int().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  max_tokens: z.int().min(1).max(1_000_000).nullish(),
  max_completion_tokens: z.int().min(1).max(1_000_000).nullish(),
  reasoning_effort: z.enum(REASONING_EFFORTS).nullish(),
  response_format: ResponseFormat.nullish(),
  tools: z.array(Tool).min(1).max(128).nullish(),
  tool_choice: ToolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish().describe('may hold fields of POST /v1/text such as scope or cache'),
  user: label.nullish().describe('as user_id of POST /v1/text'),
  logprobs: z.literal(false, { error: 'are not served here; leave it out' }).nullish(),
  modalities: z.array(z.literal('text')).nullish(),
  store: z.boolean().nullish().describe('has no effect: what is remembered is decided by x-ai-core-cache'),
  service_tier: label.nullish().describe('has no effect'),
  prompt_cache_key: label.nullish().describe('has no effect'),
  safety_identifier: label.nullish().describe('has no effect'),
  verbosity: z.enum(['low', 'medium', 'high']).nullish().describe('has no effect'),
});
export type ChatCompletionBody = z.infer<typeof ChatCompletionSchema>;
