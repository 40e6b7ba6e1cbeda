import { findContextNames, type TextRequest } from '@ai-core/core';
import { findContexts, type ContextVersion, type Database } from '@ai-core/store';
import type { Conversation } from './redact-request.ts';

/**
 * The contexts a request names in its prompt, system text or conversation, at the versions it gets: what is current now.
 * @throws REQUEST_INVALID for one there is not
 */
export async function findNamedContexts(
  database: Database,
  { request, conversation }: { readonly request: TextRequest; readonly conversation: Conversation },
): Promise<readonly ContextVersion[]> {
  const { messages } = conversation;
  const options = messages === undefined ? request.options : { ...request.options, messages };
  const names = findContextNames({ prompt: request.prompt, options });
  return names.length === 0 ? [] : findContexts(database, names);
}
