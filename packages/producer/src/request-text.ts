import { fingerprintRequest, parseTextRequest, type TextRequest } from '@ai-core/core';
import { acceptRequest } from './accept-request.ts';
import type { AskedRequest } from './asked-request.ts';
import { estimateRequest, type Estimate } from './estimate-request.ts';
import type { Connections } from './connections.ts';
import { identifyText } from './identify-text.ts';
import { findNamedContexts } from './named-contexts.ts';
import { redactRequest, type RedactedText } from './redact-request.ts';
import type { Words } from './recognised.ts';
import type { RequestHandle } from './request-handle.ts';
import { toWire, type WaitInput } from './request-input.ts';
import { streamAnswer, type TextEvent } from './stream-answer.ts';
import { textFromJob, textFromMemory, type ExplainedTextAnswer } from './text-answer.ts';
import type { TextInput } from './text-input.ts';

/** A text request that has been accepted. */
export interface TextHandle extends RequestHandle<ExplainedTextAnswer> {
  /**
   * The answer as it comes: pieces, then the whole with its receipt. A remembered one is replayed, and so is one whose request was
   * not accepted with `stream`. Whoever stops listening has not taken the request back.
   * @throws as result() does, from the iterator
   */
  events(wait?: WaitInput): AsyncIterableIterator<TextEvent>;
}

/** What comes with a text request beside its fields. */
export type TextCompanions = Pick<TextInput, 'messages' | 'tools' | 'idempotencyKey' | 'stream'>;

/**
 * Accepts a text request, see acceptRequest().
 * @throws REQUEST_INVALID and the other errors of the choice; STORE_UNAVAILABLE when nothing could be accepted
 */
export function requestText(connections: Connections, input: TextInput): Promise<TextHandle> {
  return acceptText(connections, parseTextRequest(toWire(input, { prompt: input.prompt })), input);
}

interface AskedText extends AskedRequest<ExplainedTextAnswer> {
  readonly stream: boolean;
}

/** A request that is known to have nothing to be taken out. */
function asItIs({ request, conversation }: Words): RedactedText {
  return { request: { ...request, known_names: [] }, conversation, values: [] };
}

function askText(connections: Connections, parsed: TextRequest, companions: TextCompanions): AskedText {
  const since = performance.now();
  const { messages, tools, idempotencyKey, stream = false } = companions;
  const words: Words = { request: parsed, conversation: { messages, tools } };
  const recognised = stream ? undefined : connections.recognised.get(words);
  const { request, conversation, values } = recognised === undefined ? redactRequest(parsed, words.conversation) : asItIs(words);
  return {
    request,
    values,
    since,
    idempotencyKey,
    stream,
    fingerprint: () => fingerprintRequest({ ...parsed, messages, tools }, connections.simulated),
    async identify(_, snapshot) {
      if (recognised?.snapshot === snapshot) return { ...recognised.identified, request };
      const contexts = await findNamedContexts(connections.database, { request, conversation });
      const { request: asked, ...identified } = identifyText({ request, conversation, contexts, stream }, snapshot);
      if (!stream && contexts.length === 0 && values.length === 0) connections.recognised.set(words, { snapshot, identified });
      return { ...identified, request: asked };
    },
    fromMemory: async (memory, delivery) => textFromMemory(memory, delivery),
    fromJob: async (result, delivery) => textFromJob(result, delivery),
  };
}

/** The same for a request that has been checked already, as doors have to. */
export async function acceptText(connections: Connections, parsed: TextRequest, companions: TextCompanions = {}): Promise<TextHandle> {
  const asked = askText(connections, parsed, companions);
  const handle = await acceptRequest(connections, asked);
  return {
    ...handle,
    events: (wait) =>
      streamAnswer({
        room: connections.streamRoom,
        jobId: handle.jobId,
        values: asked.values,
        result: (leave) => handle.result({ ...wait, leave }),
      }),
  };
}

/** What a checked text request would cost; nobody is asked. */
export function estimateText(connections: Connections, parsed: TextRequest): Promise<Estimate> {
  return estimateRequest(connections, askText(connections, parsed, {}));
}
