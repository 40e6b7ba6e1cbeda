import { redact, redactJson, type Json, type Placeholder, type TextRequest } from '@ai-core/core';

export interface RedactedRequest {
  /** The request with placeholders where personal data stood: what is hashed, queued, sent and remembered. */
  readonly request: TextRequest;
  /** What was taken out, for this caller only. */
  readonly values: readonly Placeholder[];
}

/** Takes personal data out of a request before anything else sees it; prompt and options share one numbering. */
export function redactRequest(request: TextRequest): RedactedRequest {
  const knownNames = request.known_names;
  const prompt = redact(request.prompt, { knownNames });
  const options = redactJson(request.options as { [key: string]: Json }, { knownNames, values: prompt.values });
  return {
    request: { ...request, prompt: prompt.text, options: options.value as Readonly<Record<string, Json>>, known_names: [] },
    values: options.values,
  };
}
