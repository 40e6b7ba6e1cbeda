import { AiCoreError, parseTextRequest, type Json, type TextRequest } from '@ai-core/core';
import type { NamedModel } from './find-model.ts';
import type { ChatCompletionBody, ChatMessage } from './chat-schema.ts';

/** How long a chat waits when it does not say, in seconds: OpenAI's clients wait ten minutes. */
const DEFAULT_WAIT_S = 300;

/** A chat as AI Core serves it. */
export interface Chat {
  readonly request: TextRequest;
  readonly messages: Json;
  readonly tools: Json | undefined;
}

function textOf(content: ChatMessage['content']): string {
  if (content === null || content === undefined) return '';
  return typeof content === 'string' ? content : content.map((part) => part.text).join('');
}

/** One form for all spellings of a conversation, so that equal ones are remembered as one. */
function toPlain(message: ChatMessage): Json {
  const content = textOf(message.content);
  switch (message.role) {
    case 'developer':
    case 'system':
      return { role: 'system', content };
    case 'user':
      return { role: 'user', content };
    case 'assistant':
      return message.tool_calls === undefined
        ? { role: 'assistant', content }
        : { role: 'assistant', content, tool_calls: message.tool_calls as Json };
    case 'tool':
      return { role: 'tool', content, tool_call_id: message.tool_call_id };
  }
}

function withoutNulls(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null && value !== undefined));
}

/** What every provider would refuse, or worse, read as something else. @throws REQUEST_INVALID */
function checkTools({ tools, tool_choice: choice, parallel_tool_calls: parallel, messages }: ChatCompletionBody): void {
  const refuse = (why: string): AiCoreError => new AiCoreError('REQUEST_INVALID', why);
  if (tools == null && (choice != null || parallel != null)) throw refuse('tool_choice and parallel_tool_calls need tools; leave them out');
  if (typeof choice === 'object' && choice !== null && !tools?.some((tool) => tool.function.name === choice.function.name))
    throw refuse('tool_choice names a function that is not among the tools');
  const called = new Set<string>();
  for (const message of messages) {
    if (message.role === 'assistant') for (const call of message.tool_calls ?? []) called.add(call.id);
    if (message.role === 'tool' && !called.has(message.tool_call_id))
      throw refuse('a message of the role tool names a call (tool_call_id) that no message of the assistant before it has');
  }
}

/**
 * Turns a chat completion into a text request: its prompt is the last text of the user, the conversation stands beside it.
 * @param extras fields of AI Core's own, from metadata and headers
 * @throws REQUEST_INVALID
 */
export function readChat(body: ChatCompletionBody, model: NamedModel, extras: Readonly<Record<string, unknown>>): Chat {
  checkTools(body);
  const last = body.messages.findLast((message) => message.role === 'user') ?? body.messages.at(-1);
  const prompt = textOf(last?.content);
  if (prompt.trim() === '') throw new AiCoreError('REQUEST_INVALID', 'the last message of the user must not be empty');
  const options = withoutNulls({
    temperature: body.temperature,
    top_p: body.top_p,
    seed: body.seed,
    stop: body.stop,
    frequency_penalty: body.frequency_penalty,
    presence_penalty: body.presence_penalty,
    max_tokens: body.max_completion_tokens ?? body.max_tokens,
    reasoning: body.reasoning_effort,
    response_format: body.response_format?.type === 'text' ? undefined : body.response_format,
    tier: model.mode === 'auto' && model.tier !== 'premium' ? model.tier : undefined,
    quality: model.mode === 'auto' && model.tier === 'premium' ? 'premium' : undefined,
  });
  const request = parseTextRequest({
    request_type: 'chat',
    wait_s: DEFAULT_WAIT_S,
    user_id: body.user,
    ...extras,
    prompt,
    options,
    ...(model.mode === 'manual' ? { provider: model.provider, model: model.model } : {}),
  });
  const tools =
    body.tools == null
      ? undefined
      : withoutNulls({ tools: body.tools, tool_choice: body.tool_choice, parallel_tool_calls: body.parallel_tool_calls });
  return { request, messages: body.messages.map(toPlain), tools: tools as Json | undefined };
}
