/** One inlined response of a Gemini batch. No SDK here. */
import type { RawLine } from './run-batch-call.ts';

/** The metadata field that holds our id of a line. */
export const OUR_KEY = 'key';

/** google.rpc.Code, which lines carry instead of an HTTP status. */
const STATUS: Readonly<Record<number, number>> = { 3: 400, 5: 404, 7: 403, 8: 429, 9: 400, 11: 400, 14: 503, 16: 401 };
const CANCELLED = 1;

interface InlinedAnswer {
  readonly response?: unknown;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly error?: { readonly code?: number | undefined; readonly message?: string | undefined } | undefined;
}

/** @param inOrder the custom id of the request in the same place, which is whose answer it is where no metadata came back */
export function readBatchResponse({ response, metadata, error }: InlinedAnswer, inOrder: string | undefined): RawLine {
  const customId = metadata?.[OUR_KEY] ?? inOrder ?? '';
  if (response !== undefined) return { customId, kind: 'answer', value: response, requestId: null };
  if (error === undefined || error.code === CANCELLED) return { customId, kind: 'unserved' };
  return { customId, kind: 'error', status: STATUS[error.code ?? 0] ?? 500, body: { error } };
}
