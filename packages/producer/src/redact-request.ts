import {
  hasPersonalData,
  plainToolTexts,
  redact,
  redactJson,
  type AudioRequest,
  type Json,
  type Placeholder,
  type TextRequest,
} from '@ai-core/core';

export interface Redacted<Request> {
  /** The request with placeholders where personal data stood: what is hashed, queued and remembered. */
  readonly request: Request;
  /** What was taken out, for this caller only. */
  readonly values: readonly Placeholder[];
}

/** The parts of a chat that are not in its prompt. */
export interface Conversation {
  readonly messages?: Json | undefined;
  readonly tools?: Json | undefined;
}

export interface RedactedText extends Redacted<TextRequest> {
  readonly conversation: Conversation;
}

interface Parts {
  readonly text: string;
  readonly options: Readonly<Record<string, Json>>;
}

/** Text and options share one numbering. */
function redactParts({ text, options }: Parts, knownNames: readonly string[]): Parts & { readonly values: readonly Placeholder[] } {
  const redacted = redact(text, { knownNames });
  const rest = redactJson(options as { [key: string]: Json }, { knownNames, values: redacted.values });
  return { text: redacted.text, options: rest.value as Readonly<Record<string, Json>>, values: rest.values };
}

/** Takes personal data out of a request before anything else sees it; prompt, options and conversation share one numbering. */
export function redactRequest(request: TextRequest, { messages, tools }: Conversation = {}): RedactedText {
  const knownNames = request.known_names;
  const parts = redactParts({ text: request.prompt, options: request.options }, knownNames);
  const messagesRedacted = messages === undefined ? undefined : redactJson(plainToolTexts(messages), { knownNames, values: parts.values });
  const values = messagesRedacted?.values ?? parts.values;
  const toolsRedacted = tools === undefined ? undefined : redactJson(tools, { knownNames, values });
  return {
    conversation: { messages: messagesRedacted?.value, tools: toolsRedacted?.value },
    request: { ...request, prompt: parts.text, options: parts.options, known_names: [] },
    values: toolsRedacted?.values ?? values,
  };
}

/** The same of a speech request; one without personal data keeps every character of its text, since it is read out. */
export function redactSpeech(request: AudioRequest): Redacted<AudioRequest> {
  const { text, options, values } = redactParts(request, request.known_names);
  if (!hasPersonalData(values)) return { request: { ...request, known_names: [] }, values: [] };
  return { request: { ...request, text, options, known_names: [] }, values };
}
