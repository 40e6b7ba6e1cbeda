/** Chat completions as OpenAI's API answers them, with AI Core's receipt as one more field. */
import type { ExplainedTextAnswer } from '@ai-core/producer';
import { z } from 'zod';
import { ReceiptSchema, ToolCallSchema, toReceipt, toToolCall } from '../wire-answer.ts';

const UsageSchema = z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() });

export const ChatAnswerSchema = z.object({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.object({
        role: z.literal('assistant'),
        content: z.string().nullable(),
        refusal: z.null(),
        tool_calls: z.array(ToolCallSchema).optional(),
      }),
      logprobs: z.null(),
      finish_reason: z.string(),
    }),
  ),
  usage: UsageSchema,
  ai_core: ReceiptSchema,
});

/** What all pieces of one completion have in common. */
export interface CompletionFrame {
  readonly requestId: string;
  /** Seconds since 1970. */
  readonly created: number;
}

function toUsage(answer: ExplainedTextAnswer): z.infer<typeof UsageSchema> {
  return {
    prompt_tokens: answer.tokensUsed - answer.outputTokens,
    completion_tokens: answer.outputTokens,
    total_tokens: answer.tokensUsed,
  };
}

function finishOf({ toolCalls }: ExplainedTextAnswer): string {
  return toolCalls.length > 0 ? 'tool_calls' : 'stop';
}

function messageOf({ text, toolCalls }: ExplainedTextAnswer) {
  const base = { role: 'assistant' as const, refusal: null };
  if (toolCalls.length === 0) return { ...base, content: text };
  return { ...base, content: text === '' ? null : text, tool_calls: toolCalls.map(toToolCall) };
}

export function toCompletion(answer: ExplainedTextAnswer, { requestId, created }: CompletionFrame): z.infer<typeof ChatAnswerSchema> {
  return {
    id: `chatcmpl-${requestId}`,
    object: 'chat.completion',
    created,
    model: answer.model,
    choices: [{ index: 0, message: messageOf(answer), logprobs: null, finish_reason: finishOf(answer) }],
    usage: toUsage(answer),
    ai_core: toReceipt(answer, requestId),
  };
}

/** The pieces of a streamed completion. */
export interface CompletionChunks {
  first(): object;
  text(text: string): object;
  /** Calls of functions. They come when they are whole: nobody can make half a call. */
  calls(answer: ExplainedTextAnswer): object[];
  last(answer: ExplainedTextAnswer): object;
  usage(answer: ExplainedTextAnswer): object;
}

export function createChunks({ requestId, created }: CompletionFrame, model: string): CompletionChunks {
  const chunk = (delta: object, finishReason: string | null, name = model): object => ({
    id: `chatcmpl-${requestId}`,
    object: 'chat.completion.chunk',
    created,
    model: name,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
  });
  return {
    first: () => chunk({ role: 'assistant', content: '' }, null),
    text: (text) => chunk({ content: text }, null),
    calls: ({ toolCalls }) =>
      toolCalls.flatMap((call, index) => {
        const { arguments: text, name } = call;
        const begun = { index, ...toToolCall(call), function: { name, arguments: '' } };
        return [begun, { index, function: { arguments: text } }].map((piece) => chunk({ tool_calls: [piece] }, null));
      }),
    last: (answer) => ({ ...chunk({}, finishOf(answer), answer.model), ai_core: toReceipt(answer, requestId) }),
    usage: (answer) => ({ ...chunk({}, null, answer.model), choices: [], usage: toUsage(answer) }),
  };
}
