import { z } from 'zod';
import { readGoogleDuration } from './retry-after.ts';

/** What a vendor's error body says, whichever vendor's it is. */
export interface VendorError {
  /** The vendor's own words for the error, lower case: types, codes, statuses, reasons. Never its prose. */
  readonly words: readonly string[];
  /** The vendor's prose. It may quote the request: to be matched, never to be shown or logged. */
  readonly message: string;
  /** Google says here how long to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

const Word = z.union([z.string(), z.number()]).nullish();
const Detail = z.object({
  reason: z.string().nullish(),
  retryDelay: z.string().nullish(),
  violations: z.array(z.object({ quotaId: z.string().nullish() })).nullish(),
});
/** OpenAI {type, code}, Anthropic {type}, Google {status, details}. */
const Inner = z.object({
  type: Word,
  code: Word,
  status: Word,
  param: z.string().nullish(),
  message: z.string().nullish(),
  details: z.array(z.unknown()).nullish(),
});
const ElevenLabsDetail = z.object({ status: Word, code: Word, type: Word, message: z.string().nullish() });

const Body = z.union([
  z.object({ error: Inner }).transform(({ error }) => error),
  // Ollama and other small servers.
  z.object({ error: z.string() }).transform(({ error }): z.infer<typeof Inner> => ({ message: error })),
  z.object({ detail: ElevenLabsDetail }).transform(({ detail }): z.infer<typeof Inner> => detail),
  // FastAPI's list of what is wrong with a body; ElevenLabs runs on it.
  z
    .object({ detail: z.array(z.object({ type: Word })).min(1) })
    .transform(({ detail }): z.infer<typeof Inner> => ({ type: detail[0]?.type })),
  z.object({ detail: z.string() }).transform(({ detail }): z.infer<typeof Inner> => ({ message: detail })),
  // vLLM, and the error object that OpenAI's SDK hands on from a stream.
  Inner.refine((inner) => inner.message != null && (inner.type != null || inner.code != null)),
]);

/** What may be shown of a vendor's words: identifiers, not sentences. */
const IDENTIFIER = /^[\w.:[\]-]{1,80}$/;

function wordsOf(inner: z.infer<typeof Inner>, details: readonly z.infer<typeof Detail>[]): string[] {
  const quotas = details.flatMap((detail) => (detail.violations ?? []).map((violation) => violation.quotaId));
  return [inner.type, inner.code, inner.status, ...details.map((detail) => detail.reason), ...quotas, inner.param]
    .filter((word) => typeof word === 'string')
    .filter((word) => IDENTIFIER.test(word))
    .map((word) => word.toLowerCase());
}

/**
 * Reads an error body of any of the vendors.
 * @param body parsed JSON
 * @returns undefined when it is not the shape of a vendor's error
 */
export function readVendorError(body: unknown): VendorError | undefined {
  const parsed = Body.safeParse(body);
  if (!parsed.success) return undefined;
  const details = (parsed.data.details ?? [])
    .map((detail) => Detail.safeParse(detail))
    .flatMap((detail) => (detail.success ? [detail.data] : []));
  const delay = details.find((detail) => detail.retryDelay != null)?.retryDelay;
  return {
    words: wordsOf(parsed.data, details),
    message: parsed.data.message ?? '',
    retryAfterMs: delay == null ? undefined : readGoogleDuration(delay),
  };
}

/** As readVendorError, from the text of an HTTP body. */
export function parseVendorError(body: string): VendorError | undefined {
  try {
    return readVendorError(JSON.parse(body));
  } catch {
    return undefined;
  }
}
