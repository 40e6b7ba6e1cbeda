/** One line of what OpenAI gives back of a batch, from the file of answers or from the file of errors. No SDK here. */
import { z } from 'zod';
import type { RawLine } from './run-batch-call.ts';

export const BATCH_LINE = z.object({
  custom_id: z.string(),
  response: z.object({ status_code: z.number(), request_id: z.string().nullish(), body: z.unknown() }).nullish(),
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
});

/** Lines whose turn never came. */
const UNSERVED = new Set(['batch_expired', 'batch_cancelled']);

export function readBatchLine({ custom_id: customId, response, error }: z.infer<typeof BATCH_LINE>): RawLine {
  if (UNSERVED.has(error?.code ?? '')) return { customId, kind: 'unserved' };
  if (response && response.status_code < 300 && !error) {
    return { customId, kind: 'answer', value: response.body, requestId: response.request_id ?? null };
  }
  // A line that never became a request has no status.
  return { customId, kind: 'error', status: response?.status_code ?? 500, body: response?.body ?? { error } };
}
