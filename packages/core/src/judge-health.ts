/** What the end of a call says of its provider as a whole: the circuit that the fleet shares follows from it. */
import type { ErrorCode } from './errors.ts';

/** well: it answers. unwell: it does not; five times in a row open its circuit. broken: only a person can mend it; opens at once. */
export type ProviderHealth = 'well' | 'unwell' | 'broken';

/**
 * Failures that are not listed say nothing: they never reached the provider, or are about one model. A refusal and a rate limit are
 * answers of a provider that works.
 */
const HEALTH: Partial<Record<ErrorCode, ProviderHealth>> = {
  PROVIDER_AUTH: 'broken',
  PROVIDER_QUOTA_EXHAUSTED: 'broken',
  PROVIDER_TIMEOUT: 'unwell',
  PROVIDER_UNREACHABLE: 'unwell',
  PROVIDER_OVERLOADED: 'unwell',
  PROVIDER_RATE_LIMITED: 'well',
  PROVIDER_REFUSED: 'well',
  PROVIDER_BAD_ANSWER: 'well',
  CONTEXT_TOO_LONG: 'well',
  VOICE_UNKNOWN: 'well',
};

/** @returns null when the failure says nothing of the provider */
export function judgeHealth(code: ErrorCode): ProviderHealth | null {
  return HEALTH[code] ?? null;
}
