/** One line of what Anthropic gives back of a message batch. No SDK here. */
import { z } from 'zod';
import type { RawLine } from './run-batch-call.ts';

const Failure = z.object({ type: z.string().nullish(), error: z.object({ type: z.string() }).loose() }).loose();

export const BATCH_LINE = z.object({
  custom_id: z.string(),
  result: z.discriminatedUnion('type', [
    z.object({ type: z.literal('succeeded'), message: z.unknown() }),
    z.object({ type: z.literal('errored'), error: Failure }),
    z.object({ type: z.literal('canceled') }),
    z.object({ type: z.literal('expired') }),
  ]),
});

/** Lines carry the type of the error and no HTTP status. */
const STATUS: Readonly<Record<string, number>> = { invalid_request_error: 400, not_found_error: 404, request_too_large: 413 };

export function readBatchLine({ custom_id: customId, result }: z.infer<typeof BATCH_LINE>): RawLine {
  if (result.type === 'succeeded') return { customId, kind: 'answer', value: result.message, requestId: null };
  if (result.type === 'errored') return { customId, kind: 'error', status: STATUS[result.error.error.type] ?? 500, body: result.error };
  return { customId, kind: 'unserved' };
}
