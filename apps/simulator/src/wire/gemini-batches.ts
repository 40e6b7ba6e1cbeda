/** Gemini's batch mode with inlined requests, whose answers come back in the same order. */
import { z } from 'zod';
import { type Batch, type BatchStage, hasEnded, linesOf, stageOf } from '../batches.ts';
import { type BatchWire, lookAtBatch, takeBatch } from '../run-batch.ts';
import { gemini } from '../vendors/google.ts';
import { type FreeRoute, jsonReply, type Reply } from '../wire.ts';
import { geminiContent } from './gemini-content.ts';

const WIRE: BatchWire = { vendor: gemini, wire: 'gemini-batch', route: geminiContent };

const MOST_INLINE_BYTES = 20 * 1024 * 1024;

const Body = z.strictObject({
  batch: z.strictObject({
    displayName: z.string().optional(),
    inputConfig: z.strictObject({
      requests: z.strictObject({
        requests: z.array(z.strictObject({ request: z.unknown(), metadata: z.strictObject({ key: z.string().min(1) }) })),
      }),
    }),
  }),
});

const STATE: Record<BatchStage, string> = {
  waiting: 'BATCH_STATE_PENDING',
  running: 'BATCH_STATE_RUNNING',
  cancelling: 'BATCH_STATE_RUNNING',
  complete: 'BATCH_STATE_SUCCEEDED',
  expired: 'BATCH_STATE_EXPIRED',
  cancelled: 'BATCH_STATE_CANCELLED',
  failed: 'BATCH_STATE_FAILED',
};

function notFound(): Reply {
  return jsonReply({ error: { code: 404, message: 'No such batch.', status: 'NOT_FOUND' } }, { status: 404 });
}

const Refusal = z.object({ error: z.object({ code: z.number(), status: z.string() }).loose() });
/** google.rpc.Code of the states that lines fail with. */
const RPC_CODE: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  INTERNAL: 13,
  UNAVAILABLE: 14,
};

function responsesOf(batch: Batch): object[] {
  return linesOf(batch).flatMap(({ customId, result }): object[] => {
    const metadata = { key: customId };
    if (result.kind === 'answered') return [{ response: result.body, metadata }];
    if (result.kind === 'unserved') return [];
    const { error } = Refusal.parse(result.body);
    return [{ error: { ...error, code: RPC_CODE[error.status] ?? 2 }, metadata }];
  });
}

/** A batch is a long-running operation. */
function operationOf(batch: Batch): object {
  const ended = hasEnded(batch);
  const served = ended && stageOf(batch) !== 'failed';
  return {
    name: `batches/${batch.id}`,
    metadata: {
      '@type': 'type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch',
      model: `models/${batch.model}`,
      displayName: batch.label,
      state: STATE[stageOf(batch)],
      createTime: new Date(batch.createdAtS * 1_000).toISOString(),
      ...(served ? { output: { inlinedResponses: { inlinedResponses: responsesOf(batch) } } } : {}),
    },
    done: ended,
  };
}

export const geminiBatches: readonly FreeRoute[] = [
  {
    kind: 'free',
    vendor: gemini,
    method: 'POST',
    path: /^\/v1beta\/models\/([^/:]+):batchGenerateContent$/,
    async answer({ groups, body, bytes }, world) {
      if (bytes.length > MOST_INLINE_BYTES) throw new Error('Inlined requests may have 20 MB at most.');
      const { batch: asked } = Body.parse(body);
      const entries = asked.inputConfig.requests.requests.map(({ request, metadata }) => ({ customId: metadata.key, body: request }));
      const draft = { prefix: '', model: decodeURIComponent(groups[0] ?? ''), label: asked.displayName ?? null, entries };
      const { batch, lost } = await takeBatch(draft, { world, wire: WIRE });
      return { ...jsonReply(operationOf(batch)), lost };
    },
  },
  {
    kind: 'free',
    vendor: gemini,
    method: 'GET',
    path: /^\/v1beta\/batches$/,
    answer: (_request, { batches }) => jsonReply({ operations: batches.list('gemini').map(operationOf) }),
  },
  {
    kind: 'free',
    vendor: gemini,
    method: 'GET',
    path: /^\/v1beta\/batches\/([^/:]+)$/,
    async answer({ groups }, world) {
      const batch = await lookAtBatch(groups[0] ?? '', { world, wire: WIRE });
      return batch === undefined ? notFound() : jsonReply(operationOf(batch));
    },
  },
  {
    kind: 'free',
    vendor: gemini,
    method: 'POST',
    path: /^\/v1beta\/batches\/([^/:]+):cancel$/,
    answer({ groups }, { batches }) {
      const batch = batches.find('gemini', groups[0] ?? '');
      if (batch === undefined) return notFound();
      batch.cancelled ||= !hasEnded(batch);
      return jsonReply({});
    },
  },
];
