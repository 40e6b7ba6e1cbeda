/** Anthropic's message batches: requests go up inline, results come as JSON lines in any order. */
import { z } from 'zod';
import { type Batch, hasEnded, type LineResult, shuffledLines, stageOf } from '../batches.ts';
import { type BatchWire, lookAtBatch, takeBatch } from '../run-batch.ts';
import { claude } from '../vendors/claude.ts';
import { type FreeRoute, jsonReply, type Reply } from '../wire.ts';
import { claudeMessages } from './claude-messages.ts';

const WIRE: BatchWire = { vendor: claude, wire: 'claude-batch', route: claudeMessages };

const Body = z.strictObject({
  requests: z
    .array(z.strictObject({ custom_id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/), params: z.looseObject({ model: z.string() }) }))
    .max(100_000),
});

function notFound(): Reply {
  return jsonReply({ type: 'error', error: { type: 'not_found_error', message: 'No such batch.' } }, { status: 404 });
}

function batchBody(batch: Batch, base: string): object {
  const ended = hasEnded(batch);
  const counted = (kind: LineResult['kind']): number => batch.results.filter((result) => result.kind === kind).length;
  const left = batch.entries.length - batch.results.length;
  const stage = stageOf(batch);
  return {
    id: batch.id,
    type: 'message_batch',
    processing_status: ended ? 'ended' : stage === 'cancelling' ? 'canceling' : 'in_progress',
    // Counts stay at zero until the whole batch has ended.
    request_counts: ended
      ? {
          processing: 0,
          succeeded: counted('answered'),
          errored: counted('refused'),
          canceled: stage === 'cancelled' ? left : 0,
          expired: stage === 'expired' ? left : 0,
        }
      : { processing: batch.entries.length, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
    created_at: new Date(batch.createdAtS * 1_000).toISOString(),
    expires_at: new Date((batch.createdAtS + 86_400) * 1_000).toISOString(),
    ended_at: ended ? new Date().toISOString() : null,
    cancel_initiated_at: null,
    archived_at: null,
    results_url: ended ? `${base}/v1/messages/batches/${batch.id}/results` : null,
  };
}

const Usage = z.looseObject({ usage: z.looseObject({}).optional() });

function resultOf(batch: Batch, result: LineResult): object {
  if (result.kind === 'answered') {
    const message = Usage.parse(result.body);
    const usage = message.usage === undefined ? {} : { usage: { ...message.usage, service_tier: 'batch' } };
    return { type: 'succeeded', message: { ...message, ...usage } };
  }
  if (result.kind === 'refused') return { type: 'errored', error: result.body };
  return { type: stageOf(batch) === 'cancelled' ? 'canceled' : 'expired' };
}

/** Where the client reaches this vendor: results are fetched by a full address. */
function baseOf(host: string | undefined): string {
  return `http://${host ?? '127.0.0.1'}${claude.basePath}`;
}

export const claudeBatches: readonly FreeRoute[] = [
  {
    kind: 'free',
    vendor: claude,
    method: 'POST',
    path: /^\/v1\/messages\/batches$/,
    async answer(request, world) {
      const entries = Body.parse(request.body).requests.map(({ custom_id: customId, params }) => ({ customId, body: params }));
      const model = entries[0]?.body.model ?? '';
      const { batch, lost } = await takeBatch({ prefix: 'msgbatch_', model, label: null, entries }, { world, wire: WIRE });
      return { ...jsonReply(batchBody(batch, baseOf(request.headers.host))), lost };
    },
  },
  {
    kind: 'free',
    vendor: claude,
    method: 'GET',
    path: /^\/v1\/messages\/batches$/,
    answer({ headers }, { batches }) {
      const data = batches.list('claude').map((batch) => batchBody(batch, baseOf(headers.host)));
      return jsonReply({ data, has_more: false, first_id: null, last_id: null });
    },
  },
  {
    kind: 'free',
    vendor: claude,
    method: 'GET',
    path: /^\/v1\/messages\/batches\/([^/]+)$/,
    async answer({ groups, headers }, world) {
      const batch = await lookAtBatch(groups[0] ?? '', { world, wire: WIRE });
      return batch === undefined ? notFound() : jsonReply(batchBody(batch, baseOf(headers.host)));
    },
  },
  {
    kind: 'free',
    vendor: claude,
    method: 'POST',
    path: /^\/v1\/messages\/batches\/([^/]+)\/cancel$/,
    answer({ groups, headers }, { batches }) {
      const batch = batches.find('claude', groups[0] ?? '');
      if (batch === undefined) return notFound();
      batch.cancelled ||= !hasEnded(batch);
      return jsonReply(batchBody(batch, baseOf(headers.host)));
    },
  },
  {
    kind: 'free',
    vendor: claude,
    method: 'GET',
    path: /^\/v1\/messages\/batches\/([^/]+)\/results$/,
    answer({ groups }, { batches, seed }) {
      const batch = batches.find('claude', groups[0] ?? '');
      if (batch === undefined || !hasEnded(batch)) return notFound();
      const lines = shuffledLines(batch, seed).map(({ customId, result }) => ({ custom_id: customId, result: resultOf(batch, result) }));
      const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
      return { status: 200, headers: { 'content-type': 'application/x-jsonl' }, body };
    },
  },
];
