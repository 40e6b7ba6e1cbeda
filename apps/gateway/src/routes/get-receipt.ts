import { AiCoreError } from '@ai-core/core';
import { getReceipt, parseIncumbent, receiptToWire } from '@ai-core/store';
import { z } from 'zod';
import { ERROR_RESPONSES, IdSchema, LOOK_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';

const usd = z.string().nullable().describe('US dollars, decimal; null where the price is not known');

const LineSchema = z.object({
  unit: z.string().describe('what was billed, such as input or output; adjustment: what the recorded cost differs from its price row by'),
  quantity: z.number().nullable(),
  usd_per_million: usd,
  usd,
});
const CallSchema = z.object({
  attempt_id: z.string(),
  provider: z.string(),
  model: z.string(),
  state: z.string(),
  started_at: z.string(),
  price_id: z.string().nullable(),
  price_from: z.string().nullable(),
  price_share: z.number().describe('of the full price: 0.5 for a batch at half price'),
  long_context: z.boolean(),
  cost_usd: usd,
  lines: z.array(LineSchema).describe('they add up to the cost exactly'),
});
const RowSchema = z.object({
  id: z.string(),
  kind: z.string(),
  at: z.string(),
  source: z.string(),
  provider: z.string(),
  model: z.string(),
  cost_usd: usd,
  saved_usd: usd,
  savings: z.array(z.object({ reason: z.string(), usd })).describe('why it cost less than it might'),
});

export const getReceiptOf = declareRoute({
  method: 'GET',
  path: '/v1/receipts/:id',
  need: 'app',
  scope: 'account',
  tag: 'accounts',
  about: 'The money of a request or a job, explained: paid calls line by line, what was saved and why; of a shared job your own part',
  errors: 'problem',
  params: z.strictObject({ id: IdSchema.describe('request_id or job_id of an answer') }),
  query: z.strictObject({ against: z.string().max(200).optional().describe('provider/model that would else have answered') }),
  responses: {
    200: {
      about: 'the receipt',
      schema: z.object({
        job_id: z.string().nullable().describe('null of an answer from memory'),
        paid_usd: usd,
        difference_usd: usd.describe('0 when the accounts are sound'),
        calls: z.array(CallSchema),
        rows: z.array(RowSchema),
      }),
    },
    ...ERROR_RESPONSES,
  },
  timeoutMs: LOOK_TIMEOUT_MS,
  async handle({ services, caller, params, query }) {
    const { key } = caller;
    const incumbent = query.against === undefined ? null : parseIncumbent(query.against, 'against');
    // A key that is limited to scopes is no administrator of all of them.
    const seesAll = key.role === 'admin' && key.scopes === null;
    const found = await getReceipt(services.database, params.id, { incumbent, caller: seesAll ? null : key.name });
    if (found !== null) return receiptToWire(found);
    throw new AiCoreError('NOT_FOUND', 'the accounts have no request or job of this id for this API key; it is there once it has ended');
  },
});
