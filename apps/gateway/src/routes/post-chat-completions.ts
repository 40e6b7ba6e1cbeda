import { AiCoreError } from '@ai-core/core';
import type { TextEvent, TextHandle } from '@ai-core/producer';
import type { FastifyReply } from 'fastify';
import { openAiError } from '../answer-error.ts';
import { openEventStream } from '../event-stream.ts';
import { readIdempotencyKey } from '../idempotency-header.ts';
import { ChatCompletionSchema } from '../openai/chat-schema.ts';
import { ChatAnswerSchema, createChunks, toCompletion, type CompletionChunks } from '../openai/chat-wire.ts';
import { EXTRA_HEADERS, readExtras } from '../openai/extras.ts';
import { findModel } from '../openai/find-model.ts';
import { readChat } from '../openai/read-chat.ts';
import { IDEMPOTENCY_HEADER, OPENAI_ERROR_RESPONSES, WAITING_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';
import { requireScope } from '../scopes.ts';
import { setReceiptHeaders } from '../wire-answer.ts';

const SOURCES: Record<TextHandle['outcome'], string> = { hit: 'memory', joined: 'in_flight', created: 'provider', replayed: 'memory' };

interface Stream {
  readonly events: AsyncIterableIterator<TextEvent>;
  readonly chunks: CompletionChunks;
  readonly includeUsage: boolean;
  /** Nobody listens any more. */
  readonly left: AbortSignal;
}

/** A reply has begun, so a failure is told in the stream itself, where OpenAI's clients look for it. */
async function streamCompletion(reply: FastifyReply, { events, chunks, includeUsage, left }: Stream): Promise<void> {
  left.addEventListener('abort', () => void events.return?.(), { once: true });
  // What fails before the first piece is still answered with its HTTP status.
  const first = await events.next();
  const stream = openEventStream(reply);
  try {
    if (!(await stream.send(chunks.first()))) return;
    let shown = false;
    for (let step = first; step.done !== true; step = await events.next()) {
      const event = step.value;
      if (event.type === 'reset' && shown)
        throw new AiCoreError('PROVIDER_BAD_ANSWER', 'the model failed in the middle of its answer; the work goes on, ask again');
      if (event.type === 'delta') {
        shown = true;
        if (!(await stream.send(chunks.text(event.text)))) return;
      }
      if (event.type === 'done') {
        for (const piece of chunks.calls(event.answer)) if (!(await stream.send(piece))) return;
        await stream.send(chunks.last(event.answer));
        if (includeUsage) await stream.send(chunks.usage(event.answer));
        await stream.send('[DONE]');
      }
    }
  } catch (error) {
    await stream.send(openAiError(AiCoreError.from(error)));
  } finally {
    // Whoever stops listening has not taken the request back: the answer is remembered and accounted for.
    await events.return?.();
    stream.end();
  }
}

export const postChatCompletions = declareRoute({
  method: 'POST',
  path: '/v1/chat/completions',
  need: 'app',
  scope: 'request',
  tag: 'openai',
  about: 'A chat, for clients that speak the OpenAI API',
  errors: 'openai',
  body: ChatCompletionSchema,
  headers: { ...IDEMPOTENCY_HEADER, ...EXTRA_HEADERS },
  responses: {
    200: {
      about: 'the completion; with stream, chunks as server-sent events',
      schema: ChatAnswerSchema,
      contentTypes: ['application/json', 'text/event-stream'],
    },
    ...OPENAI_ERROR_RESPONSES,
  },
  timeoutMs: WAITING_TIMEOUT_MS,
  async handle({ services, caller, body, request, reply, whenLeft }) {
    const model = findModel(await services.snapshots.get(), body.model, 'text');
    const chat = readChat(body, model, readExtras(request, body.metadata));
    requireScope(caller.key, chat.request.scope);
    const { messages, tools } = chat;
    const isStream = body.stream === true;
    const idempotencyKey = readIdempotencyKey(request);
    const handle = await caller.aiCore.acceptText(chat.request, { messages, tools, idempotencyKey, stream: isStream });
    const frame = { requestId: handle.requestId, created: Math.floor(Date.now() / 1_000) };
    const timeoutMs = Math.max(1, chat.request.wait_s * 1_000);

    if (isStream) {
      reply.header('x-ai-core-source', SOURCES[handle.outcome]).header('x-ai-core-request-id', handle.requestId);
      if (handle.jobId !== null) reply.header('x-ai-core-job-id', handle.jobId);
      const chunks = createChunks(frame, body.model);
      const includeUsage = body.stream_options?.include_usage === true;
      await streamCompletion(reply, { events: handle.events({ timeoutMs }), chunks, includeUsage, left: whenLeft() });
      return reply;
    }
    const answer = await handle.result({ timeoutMs, leave: handle.jobId === null ? undefined : whenLeft() });
    const completion = toCompletion(answer, frame);
    setReceiptHeaders(reply, completion.ai_core);
    return completion;
  },
});
