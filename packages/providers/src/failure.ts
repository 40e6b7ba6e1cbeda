import { AiCoreError, type ErrorCode, type Json, type Usage } from '@ai-core/core';

/** unknown: the request went out, and whether the provider charges for it cannot be told from here. */
export type Charged = 'no' | 'yes' | 'unknown';

export interface FailureFacts {
  readonly charged: Charged;
  readonly usage?: Usage | undefined;
  readonly rawUsage?: Json | undefined;
  readonly model?: string | undefined;
  readonly providerRequestId?: string | null | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/**
 * A failed call of a provider and what it may have cost. Refusals, safety blocks, truncated and empty answers arrive as
 * HTTP 200 and are charged; timeouts, cut connections and aborts may have been.
 */
export class ProviderFailure extends AiCoreError {
  readonly charged: Charged;
  /** What the call consumed, as far as it is known; null = nothing, or not known. */
  readonly usage: Usage | null;
  /** The provider's usage object as it came. */
  readonly rawUsage: Json;
  /** The model that is billed, where the provider named one. */
  readonly model: string | null;
  readonly providerRequestId: string | null;

  /**
   * @param code one code of core's table
   * @param reason one sentence without prompt, answer or secret
   */
  constructor(code: ErrorCode, reason: string, facts: FailureFacts) {
    super(code, reason, { retryAfterMs: facts.retryAfterMs, cause: facts.cause });
    this.charged = facts.charged;
    this.usage = facts.usage ?? null;
    this.rawUsage = facts.rawUsage ?? null;
    this.model = facts.model ?? null;
    this.providerRequestId = facts.providerRequestId ?? null;
  }
}

/** Works across duplicate copies of this package, which `instanceof` does not. */
export function isProviderFailure(error: unknown): error is ProviderFailure {
  return AiCoreError.is(error) && 'charged' in error;
}
