import { once } from 'node:events';
import { TRAINING_FORMAT_NAMES } from '@ai-core/core';
import { collectTrainingData, exportTrainingData } from '@ai-core/store';
import { z } from 'zod';
import { ERROR_RESPONSES } from '../route-parts.ts';
import { declareRoute } from '../route.ts';

/** A million examples take a while. */
const EXPORT_TIMEOUT_MS = 600_000;

export const getTrainingData = declareRoute({
  method: 'GET',
  path: '/v1/training-data/export',
  need: 'admin',
  scope: 'all',
  tag: 'training',
  about: "Curated examples to train a model of one's own with, as JSON lines",
  errors: 'problem',
  query: z.strictObject({
    min_rating: z.coerce.number().min(0).max(5).default(4).describe('least average rating of an answer that users have rated'),
    verified_only: z.stringbool({ error: 'must be true or false' }).default(true).describe('only answers a person has verified'),
    format: z.enum(TRAINING_FORMAT_NAMES).default('prompt-completion'),
    split: z.enum(['train', 'validation']).default('train'),
    validation_share: z.coerce.number().min(0).max(0.9).optional(),
    request_type: z.string().max(64).optional(),
  }),
  responses: { 200: { about: 'one example a line', contentTypes: ['application/x-ndjson'] }, ...ERROR_RESPONSES },
  timeoutMs: EXPORT_TIMEOUT_MS,
  async handle({ services, query, reply }) {
    await collectTrainingData(services.database);
    const { lines } = exportTrainingData(services.database, {
      format: query.format,
      minRating: query.min_rating,
      verifiedOnly: query.verified_only,
      validationShare: query.validation_share,
      // A gateway of emulated providers exports what it knows; real and emulated answers never mix.
      simulated: services.simulated,
      requestTypes: query.request_type === undefined ? undefined : [query.request_type],
    });
    const iterator = lines[Symbol.asyncIterator]();
    // What fails before the first line is still answered with its HTTP status.
    let step = await iterator.next();
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      'content-type': 'application/x-ndjson; charset=utf-8',
      'cache-control': 'no-store',
      'x-request-id': reply.request.id,
    });
    try {
      for (; step.done !== true && !raw.destroyed; step = await iterator.next()) {
        if (step.value.split !== query.split) continue;
        if (!raw.write(`${step.value.line}\n`)) await Promise.race([once(raw, 'drain'), once(raw, 'close')]);
      }
      raw.end();
    } catch (error) {
      services.log.error({ request_id: reply.request.id, err: error }, 'an export broke off');
      // Without an orderly end the reader cannot take a part for the whole.
      raw.destroy();
    } finally {
      await iterator.return?.();
    }
    return reply;
  },
});
