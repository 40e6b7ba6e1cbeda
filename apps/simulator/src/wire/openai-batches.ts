/** OpenAI's batches: a file of lines goes up, and the answers and the errors come in a file each. */
import { z } from 'zod';
import { type Batch, type BatchStage, hasEnded, shuffledLines, stageOf } from '../batches.ts';
import { type BatchWire, lookAtBatch, takeBatch } from '../run-batch.ts';
import { openai } from '../vendors/openai.ts';
import { type FreeRoute, jsonReply, type Reply } from '../wire.ts';
import type { World } from '../world.ts';
import { openaiChat } from './openai-chat.ts';

const WIRE: BatchWire = { vendor: openai, wire: 'openai-batch', route: openaiChat(openai) };

const Lifetime = z.strictObject({ anchor: z.literal('created_at'), seconds: z.int().min(3_600).max(2_592_000) });
const BatchBody = z.strictObject({
  input_file_id: z.string(),
  endpoint: z.literal('/v1/chat/completions'),
  completion_window: z.literal('24h'),
  metadata: z.record(z.string().max(64), z.string().max(512)).optional(),
  output_expires_after: Lifetime.optional(),
});
const Line = z.strictObject({
  custom_id: z.string().min(1),
  method: z.literal('POST'),
  url: z.literal('/v1/chat/completions'),
  body: z.looseObject({ model: z.string() }),
});

/** The metadata field that clients keep their own id in. */
const LABEL = 'ai_core_batch';

const STATUS: Record<BatchStage, string> = {
  waiting: 'validating',
  running: 'in_progress',
  cancelling: 'cancelling',
  complete: 'completed',
  expired: 'expired',
  cancelled: 'cancelled',
  failed: 'failed',
};

function notFound(): Reply {
  return jsonReply({ error: { message: 'No such batch.', type: 'invalid_request_error', param: null, code: null } }, { status: 404 });
}

function batchBody(batch: Batch): object {
  const served = hasEnded(batch) && stageOf(batch) !== 'failed';
  const counted = (kind: string): number => batch.results.filter((result) => result.kind === kind).length;
  return {
    id: batch.id,
    object: 'batch',
    endpoint: '/v1/chat/completions',
    errors:
      stageOf(batch) === 'failed'
        ? { object: 'list', data: [{ code: 'invalid_json_line', message: 'A line is not JSON.', line: 1 }] }
        : null,
    input_file_id: `file-${batch.id}`,
    completion_window: '24h',
    status: STATUS[stageOf(batch)],
    output_file_id: served ? `${batch.id}-output` : null,
    error_file_id: served && (counted('refused') > 0 || stageOf(batch) === 'expired') ? `${batch.id}-errors` : null,
    created_at: batch.createdAtS,
    expires_at: batch.createdAtS + 86_400,
    request_counts: { total: batch.entries.length, completed: counted('answered'), failed: counted('refused') },
    metadata: batch.label === null ? null : { [LABEL]: batch.label },
  };
}

const EXPIRED = { code: 'batch_expired', message: 'This request could not be executed before the completion window expired.' };

/** The two files of a batch: answered lines in one, all others in the other. */
function fileOf(batch: Batch, which: 'output' | 'errors', seed: string): string {
  const lines = shuffledLines(batch, seed).flatMap(({ customId, result }): object[] => {
    const line = (response: object | null, error: object | null): object => ({
      id: `batch_req_${customId.slice(0, 16)}`,
      custom_id: customId,
      response,
      error,
    });
    if (result.kind === 'answered') {
      return which === 'output' ? [line({ status_code: 200, request_id: result.requestId, body: result.body }, null)] : [];
    }
    if (which === 'output') return [];
    if (result.kind === 'refused') return [line({ status_code: result.status, request_id: result.requestId, body: result.body }, null)];
    return stageOf(batch) === 'expired' ? [line(null, EXPIRED)] : [];
  });
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function readEntries(world: World, fileId: string) {
  const file = world.tuning.file(fileId);
  if (file === undefined) throw new Error('There is no such input file.');
  const lines = file.bytes.toString('utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => Line.parse(JSON.parse(line)));
}

export const openaiBatches: readonly FreeRoute[] = [
  {
    kind: 'free',
    vendor: openai,
    method: 'POST',
    path: /^\/v1\/batches$/,
    async answer(request, world) {
      const { input_file_id: fileId, metadata } = BatchBody.parse(request.body);
      const lines = readEntries(world, fileId);
      const model = lines[0]?.body.model ?? '';
      if (lines.some(({ body }) => body.model !== model)) throw new Error('All lines of a batch must name the same model.');
      const entries = lines.map(({ custom_id: customId, body }) => ({ customId, body }));
      const { batch, lost } = await takeBatch(
        { prefix: 'batch_', model, label: metadata?.[LABEL] ?? null, entries },
        { world, wire: WIRE },
      );
      return { ...jsonReply(batchBody(batch)), lost };
    },
  },
  {
    kind: 'free',
    vendor: openai,
    method: 'GET',
    path: /^\/v1\/batches$/,
    answer: (_request, { batches }) => jsonReply({ object: 'list', data: batches.list('openai').map(batchBody), has_more: false }),
  },
  {
    kind: 'free',
    vendor: openai,
    method: 'GET',
    path: /^\/v1\/batches\/([^/]+)$/,
    async answer({ groups }, world) {
      const batch = await lookAtBatch(groups[0] ?? '', { world, wire: WIRE });
      return batch === undefined ? notFound() : jsonReply(batchBody(batch));
    },
  },
  {
    kind: 'free',
    vendor: openai,
    method: 'POST',
    path: /^\/v1\/batches\/([^/]+)\/cancel$/,
    answer({ groups }, { batches }) {
      const batch = batches.find('openai', groups[0] ?? '');
      if (batch === undefined) return notFound();
      batch.cancelled ||= !hasEnded(batch);
      return jsonReply(batchBody(batch));
    },
  },
  {
    kind: 'free',
    vendor: openai,
    method: 'GET',
    path: /^\/v1\/files\/(batch_[^/]+)-(output|errors)\/content$/,
    answer({ groups }, { batches, seed }) {
      const batch = batches.find('openai', groups[0] ?? '');
      if (batch === undefined || !hasEnded(batch)) return notFound();
      const body = fileOf(batch, groups[1] === 'output' ? 'output' : 'errors', seed);
      return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body };
    },
  },
];
