/** The batch lane: which requests may wait for a provider's batch API, and when what has been collected is sent. */
import type { ProviderConfig } from './model.ts';
import type { Price } from './price.ts';
import type { ProviderName } from './provider-facts.ts';
import type { JobRequest } from './request.ts';

/** What one batch of a provider may hold. */
export interface BatchLimits {
  readonly requests: number;
  /** Of everything that is handed over. */
  readonly bytes: number;
}

/**
 * The providers with a batch API, and their limits: OpenAI 50,000 requests and 200 MB a file, Anthropic 100,000 and 256 MB, Gemini
 * 20 MB for requests that are inlined. All answer within 24 hours or give up.
 */
const VENDOR_LIMITS: Readonly<Partial<Record<ProviderName, BatchLimits>>> = {
  openai: { requests: 50_000, bytes: 200_000_000 },
  claude: { requests: 100_000, bytes: 256_000_000 },
  gemini: { requests: 50_000, bytes: 20_000_000 },
};

/** Lines are JSON: quotes, line ends and what is not ASCII take more room there; and each carries its settings. */
const ROOM_FOR_JSON = 1.5;
const LINE_BYTES = 600;

const FULL_PRICE = 10_000;

/** A deadline at least so far away, in seconds, takes a text into the batch lane by itself: batches take up to 24 hours. */
export const BATCH_DEADLINE_S = 86_400;

/** What the batch lane means for one candidate. */
export interface BatchTerms {
  /** Its price in basis points of the normal one. */
  readonly basis_points: number;
  /** How much room its line takes in a batch, at most, in bytes. */
  readonly bytes: number;
}

export interface BatchQuestion {
  readonly config: Pick<ProviderConfig, 'provider' | 'capabilities'>;
  readonly price: Pick<Price, 'batchBasisPoints'> | null;
  readonly job: JobRequest;
  /** Size of the contexts the request names, in bytes. */
  readonly contextBytes: number;
}

/**
 * Whether a model may answer a request in a batch: a text nobody watches and that calls no functions, of a provider whose batches are cheaper.
 * @returns undefined when it may not
 */
export function batchTermsOf({ config, price, job, contextBytes }: BatchQuestion): BatchTerms | undefined {
  const { provider, capabilities } = config;
  if (job.kind !== 'text' || job.stream === true || job.options['tools'] !== undefined || VENDOR_LIMITS[provider] === undefined)
    return undefined;
  if (capabilities.batch === false || capabilities.servedBy !== undefined) return undefined;
  if (price === null || price.batchBasisPoints >= FULL_PRICE) return undefined;
  const characters = Buffer.byteLength(job.prompt) + Buffer.byteLength(JSON.stringify(job.options)) + contextBytes;
  return { basis_points: price.batchBasisPoints, bytes: Math.ceil(characters * ROOM_FOR_JSON) + LINE_BYTES };
}

/** When a collection is closed, beside the limits of its provider. */
export interface ClosingRule {
  readonly maxRequests: number;
  readonly maxBytes: number;
  /** The oldest request waits so long at most, in milliseconds. */
  readonly maxAgeMs: number;
}

/** Requests of one model that wait for a batch. */
export interface Collection {
  readonly provider: ProviderName;
  readonly requests: number;
  readonly bytes: number;
  /** How long the oldest has waited, in milliseconds. */
  readonly ageMs: number;
}

/** @returns the tighter of our own limits and the provider's */
export function limitBatch(provider: ProviderName, rule: ClosingRule): BatchLimits {
  const vendor = VENDOR_LIMITS[provider];
  return { requests: Math.min(rule.maxRequests, vendor?.requests ?? 0), bytes: Math.min(rule.maxBytes, vendor?.bytes ?? 0) };
}

/** @returns true when the collection is large enough, or has waited long enough, to be sent */
export function shouldClose(collection: Collection, rule: ClosingRule): boolean {
  const limits = limitBatch(collection.provider, rule);
  if (collection.requests === 0) return false;
  return collection.ageMs >= rule.maxAgeMs || collection.requests >= limits.requests || collection.bytes >= limits.bytes;
}
