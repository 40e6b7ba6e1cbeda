import { redact, redactJson, type Json, type Placeholder, type TextRequest } from '@ai-core/core';

export interface RedactedRequest {
  /** The request with placeholders where personal data stood: what is hashed, queued, sent and remembered. */
  readonly request: TextRequest;
  /** What was taken out, for this caller only. */
  readonly values: readonly Placeholder[];
  readonly conversation: Conversation;
}

/** The parts of a chat that are not in its prompt. */
export interface Conversation {
  readonly messages?: Json | undefined;
  readonly tools?: Json | undefined;
}

/** Takes personal data out of a request before anything else sees it; prompt, options and conversation share one numbering. */
export function redactRequest(request: TextRequest, { messages, tools }: Conversation = {}): RedactedRequest {
  const knownNames = request.known_names;
  const prompt = redact(request.prompt, { knownNames });
  const options = redactJson(request.options as { [key: string]: Json }, { knownNames, values: prompt.values });
  const messagesRedacted = messages === undefined ? undefined : redactJson(messages, { knownNames, values: options.values });
  const values = messagesRedacted?.values ?? options.values;
  const toolsRedacted = tools === undefined ? undefined : redactJson(tools, { knownNames, values });
  return {
    conversation: { messages: messagesRedacted?.value, tools: toolsRedacted?.value },
    request: { ...request, prompt: prompt.text, options: options.value as Readonly<Record<string, Json>>, known_names: [] },
    values: toolsRedacted?.values ?? values,
  };
}
