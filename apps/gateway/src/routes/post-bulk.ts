import { createHash, randomUUID } from 'node:crypto';
import { AiCoreError, BULK_LIMITS, parseBulkLine, type BulkRequest } from '@ai-core/core';
import type { RequestHandle } from '@ai-core/producer';
import { addBulkItems, createBulkGroup, type BulkItem } from '@ai-core/store';
import { z } from 'zod';
import type { Caller } from '../authenticate.ts';
import { readIdempotencyKey } from '../idempotency-header.ts';
import { checkWebhook, promiseWebhook } from '../promise-webhook.ts';
import { ERROR_RESPONSES, IDEMPOTENCY_HEADER } from '../route-parts.ts';
import { declareRoute } from '../route.ts';
import { requireScope } from '../scopes.ts';
import { BulkProgressSchema, toProgress } from './bulk-schema.ts';

const BULK_BYTES = 32 * 1024 * 1024;
const ACCEPT_TIMEOUT_MS = 300_000;
/** Requests brought into the ledger at the same time; they share statements. */
const AT_ONCE = 64;
const WRITE_ITEMS = 500;

/** The same group for the same key of the same caller, another one for each call without a key. */
function groupIdOf(caller: string, key: string | undefined): string {
  if (key === undefined) return randomUUID();
  const digest = createHash('sha256').update(`${caller}\n${key}`).digest('hex');
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

function accept({ aiCore }: Caller, { kind, request }: BulkRequest, idempotencyKey: string | undefined): Promise<RequestHandle<unknown>> {
  return kind === 'text' ? aiCore.acceptText(request, { idempotencyKey }) : aiCore.acceptAudio(request, { idempotencyKey });
}

function refused(line: number, error: unknown): BulkItem {
  const { code, reason } = AiCoreError.from(error);
  return { line, requestId: null, jobId: null, memoryId: null, errorCode: code, errorMessage: reason };
}

export const postBulk = declareRoute({
  method: 'POST',
  path: '/v1/bulk',
  need: 'app',
  scope: 'request',
  tag: 'bulk',
  about: `Accept up to ${BULK_LIMITS.requests} text and speech requests at once, one JSON object a line, as a group with progress`,
  errors: 'problem',
  body: z.string().describe('JSON lines: the body of POST /v1/text or of POST /v1/audio on each'),
  bodyType: 'application/x-ndjson',
  bodyLimit: BULK_BYTES,
  headers: IDEMPOTENCY_HEADER,
  responses: { 202: { about: 'accepted; a line that is wrong refuses all of them', schema: BulkProgressSchema }, ...ERROR_RESPONSES },
  timeoutMs: ACCEPT_TIMEOUT_MS,
  async handle({ services, caller, body, request, reply }) {
    const lines = body.split('\n').map((text, index) => ({ text: text.trim(), line: index + 1 }));
    const filled = lines.filter(({ text }) => text !== '');
    if (filled.length === 0) throw new AiCoreError('REQUEST_INVALID', 'the body has no line');
    if (filled.length > BULK_LIMITS.requests)
      throw new AiCoreError('TOO_LARGE', `the body has ${filled.length} lines; at most ${BULK_LIMITS.requests} are allowed`);
    const asked = filled.map(({ text, line }) => ({ line, bulk: parseBulkLine(text, line) }));
    for (const { bulk } of asked) {
      requireScope(caller.key, bulk.request.scope);
      checkWebhook(services, bulk.request.webhook_url);
    }

    const key = readIdempotencyKey(request);
    const groupId = groupIdOf(caller.key.name, key);
    await createBulkGroup(services.database, { id: groupId, caller: caller.key.name, requests: asked.length });
    const items: BulkItem[] = [];
    let next = 0;
    async function acceptSome(): Promise<void> {
      for (let entry = asked[next++]; entry !== undefined; entry = asked[next++]) {
        const { line, bulk } = entry;
        try {
          const handle = await accept(caller, bulk, key === undefined ? undefined : `${key}#${line}`);
          await promiseWebhook(services, caller, { handle, url: bulk.request.webhook_url });
          items.push({
            line,
            requestId: handle.requestId,
            jobId: handle.jobId,
            memoryId: handle.memoryId,
            errorCode: null,
            errorMessage: null,
          });
        } catch (error) {
          items.push(refused(line, error));
        }
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, acceptSome));
    for (let from = 0; from < items.length; from += WRITE_ITEMS)
      await addBulkItems(services.database, groupId, items.slice(from, from + WRITE_ITEMS));
    reply.code(202).header('location', `/v1/bulk/${groupId}`);
    const failed = items.filter((item) => item.errorCode !== null).length;
    const done = items.filter((item) => item.memoryId !== null).length;
    return toProgress(groupId, { requests: asked.length, pending: asked.length - failed - done, done, failed });
  },
});
