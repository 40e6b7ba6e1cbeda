/** Functions a model may call, and a conversation in which it has called some: OpenAI's form read into neutral terms. */
import type { Json, ToolCall } from '@ai-core/core';
import { z } from 'zod';
import { ProviderFailure } from './failure.ts';

export interface ToolFunction {
  readonly name: string;
  readonly description: string | undefined;
  /** JSON schema of its arguments; undefined = it takes none. */
  readonly parameters: Record<string, Json> | undefined;
  /** The arguments must fit the schema exactly, where the model can promise that. */
  readonly strict: boolean | undefined;
}

/** What a model may do with the functions it is given. */
export interface ToolSettings {
  readonly functions: readonly ToolFunction[];
  /** auto: as it likes. required: it must call one. A name: it must call this one. undefined = the model's own way, auto. */
  readonly choice: 'none' | 'auto' | 'required' | { readonly name: string } | undefined;
  /** False: one call at a time. */
  readonly parallel: boolean | undefined;
}

export type ChatMessage =
  | { readonly role: 'user'; readonly content: string }
  | { readonly role: 'assistant'; readonly content: string; readonly toolCalls: readonly ToolCall[] }
  /** What a function returned. */
  | { readonly role: 'tool'; readonly content: string; readonly toolCallId: string; readonly name: string };

const Text = z.union([
  z.string(),
  z.array(z.object({ type: z.literal('text'), text: z.string() })).transform((parts) => parts.map((part) => part.text).join('')),
]);
const Call = z.object({ id: z.string(), function: z.object({ name: z.string(), arguments: z.string() }) });
const Messages = z
  .array(
    z.discriminatedUnion('role', [
      z.object({ role: z.enum(['system', 'developer']), content: Text }),
      z.object({ role: z.literal('user'), content: Text }),
      z.object({ role: z.literal('assistant'), content: Text, tool_calls: z.array(Call).optional() }),
      z.object({ role: z.literal('tool'), content: Text, tool_call_id: z.string() }),
    ]),
  )
  .min(1);

const Tools = z.object({
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        function: z.object({
          name: z.string().regex(/^[\w-]{1,64}$/),
          description: z.string().optional(),
          parameters: z.record(z.string(), z.json()).optional(),
          strict: z.boolean().nullish(),
        }),
      }),
    )
    .min(1),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.object({ function: z.object({ name: z.string() }) }).transform((choice) => ({ name: choice.function.name })),
    ])
    .optional(),
  parallel_tool_calls: z.boolean().optional(),
});

function wrong(says: string): ProviderFailure {
  return new ProviderFailure('REQUEST_INVALID', says, { charged: 'no' });
}

function placesOf(error: z.ZodError, root: string): string {
  return error.issues.map((issue) => [root, ...issue.path].join('.')).join(', ');
}

/**
 * Reads options.tools.
 * @returns undefined when the model is given no functions
 * @throws ProviderFailure REQUEST_INVALID when they are not OpenAI's form
 */
export function mapTools(given: Json | undefined): ToolSettings | undefined {
  if (given === undefined || given === null) return undefined;
  const parsed = Tools.safeParse(given);
  if (!parsed.success) throw wrong(`options.tools must be functions as OpenAI takes them; wrong at ${placesOf(parsed.error, 'tools')}`);
  const { tools, tool_choice: choice, parallel_tool_calls: parallel } = parsed.data;
  const functions = tools.map(({ function: { name, description, parameters, strict } }): ToolFunction => {
    return { name, description, parameters, strict: strict ?? undefined };
  });
  if (typeof choice === 'object' && !functions.some(({ name }) => name === choice.name))
    throw wrong(`tool_choice names ${choice.name.slice(0, 64)}, which is not among the tools`);
  return { functions, choice, parallel };
}

/**
 * Reads options.messages. Ids of calls are numbered anew: each vendor has its own idea of them, and a conversation may go on with
 * another vendor than it began with.
 * @returns texts of the system, and the other messages in order
 * @throws ProviderFailure REQUEST_INVALID when it is no conversation of texts and calls
 */
export function mapMessages(given: Json): { system: string[]; messages: ChatMessage[] } {
  const parsed = Messages.safeParse(given);
  if (!parsed.success)
    throw wrong(`options.messages must be a list of {role, content} with text only; wrong at ${placesOf(parsed.error, 'messages')}`);
  const system: string[] = [];
  const messages: ChatMessage[] = [];
  const calls = new Map<string, ToolCall>();
  for (const message of parsed.data) {
    if (message.role === 'user') messages.push({ role: 'user', content: message.content });
    else if (message.role === 'assistant') {
      const toolCalls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: text } }): ToolCall => {
        const call = { id: `call_${calls.size + 1}`, name, arguments: text };
        calls.set(id, call);
        return call;
      });
      messages.push({ role: 'assistant', content: message.content, toolCalls });
    } else if (message.role === 'tool') {
      const call = calls.get(message.tool_call_id);
      if (call === undefined)
        throw wrong('a message of the role tool names a call (tool_call_id) that no message of the assistant before it has');
      messages.push({ role: 'tool', content: message.content, toolCallId: call.id, name: call.name });
    } else system.push(message.content);
  }
  return { system, messages };
}

/** The arguments of a call as an object, for wires that do not take text. */
export function argumentsOf({ arguments: text }: ToolCall): Record<string, Json> {
  try {
    const parsed = z.record(z.string(), z.json()).safeParse(JSON.parse(text === '' ? '{}' : text));
    return parsed.success ? parsed.data : { arguments: text };
  } catch {
    return { arguments: text };
  }
}

/** Everything a model reads of a message. */
export function messageText(message: ChatMessage): string {
  if (message.role !== 'assistant' || message.toolCalls.length === 0) return message.content;
  return [message.content, ...message.toolCalls.map((call) => `${call.name} ${call.arguments}`)].join('\n');
}
