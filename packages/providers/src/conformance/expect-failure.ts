import { type ErrorCode } from '@ai-core/core';
import { expect } from 'vitest';
import type { Bench } from '../conformance.ts';
import { type Charged, isProviderFailure, type ProviderFailure } from '../failure.ts';

/** Stands in every prompt of the suite, and must never stand in an error. */
export const SECRET = 'Fuchsiabluete';

/** Long enough for a busy machine. */
export const TIMEOUTS = { connect: 5_000, firstByte: 5_000, idle: 5_000, total: 10_000 };
/** For vendors that never finish: with 150 ms, calls of a busy machine were over before they had begun. */
const SHORT_TIMEOUTS = { connect: 2_000, firstByte: 1_000, idle: 1_000, total: 2_500 };
const NEVER_FINISHES = new Set(['hang', 'stall', 'drip?ms=20']);

/** Timeouts that are over soon for a fault that never ends by itself. */
export function timeoutsFor(fault: string): typeof TIMEOUTS {
  return NEVER_FINISHES.has(fault) ? SHORT_TIMEOUTS : TIMEOUTS;
}

export interface Expected {
  readonly code: ErrorCode;
  readonly charged: Charged;
  readonly retryAfterMs?: number;
}

/** What each fault of HTTP and of the connection must come out as, whatever was asked for. */
export const COMMON_FAULTS: Readonly<Record<string, Expected>> = {
  'rate-limit?retry-after=120': { code: 'PROVIDER_RATE_LIMITED', charged: 'no', retryAfterMs: 120_000 },
  'rate-limit?retry-after=90&format=date': { code: 'PROVIDER_RATE_LIMITED', charged: 'no', retryAfterMs: 90_000 },
  'rate-limit?retry-after=none': { code: 'PROVIDER_RATE_LIMITED', charged: 'no' },
  'unavailable?retry-after=7': { code: 'PROVIDER_OVERLOADED', charged: 'no', retryAfterMs: 7_000 },
  server: { code: 'PROVIDER_OVERLOADED', charged: 'no' },
  'bad-gateway': { code: 'PROVIDER_OVERLOADED', charged: 'no' },
  overloaded: { code: 'PROVIDER_OVERLOADED', charged: 'no' },
  timeout: { code: 'PROVIDER_TIMEOUT', charged: 'unknown' },
  quota: { code: 'PROVIDER_QUOTA_EXHAUSTED', charged: 'no' },
  unauthenticated: { code: 'PROVIDER_AUTH', charged: 'no' },
  forbidden: { code: 'PROVIDER_AUTH', charged: 'no' },
  'model-gone': { code: 'MODEL_UNKNOWN', charged: 'no' },
  context: { code: 'CONTEXT_TOO_LONG', charged: 'no' },
  'bad-request': { code: 'REQUEST_INVALID', charged: 'no' },
  hang: { code: 'PROVIDER_TIMEOUT', charged: 'unknown' },
  stall: { code: 'PROVIDER_TIMEOUT', charged: 'unknown' },
  'drip?ms=20': { code: 'PROVIDER_TIMEOUT', charged: 'unknown' },
  reset: { code: 'PROVIDER_UNREACHABLE', charged: 'unknown' },
  cut: { code: 'PROVIDER_BAD_ANSWER', charged: 'unknown' },
  html: { code: 'PROVIDER_BAD_ANSWER', charged: 'unknown' },
};

/** Everything that a log could show of an error. */
function visible(error: unknown): string {
  const parts: string[] = [];
  for (let link = error, depth = 0; link instanceof Error && depth < 8; link = link.cause, depth += 1) {
    parts.push(link.message, link.stack ?? '', JSON.stringify(Object.entries(link)));
  }
  return parts.join('\n');
}

/** The failure that a call must end in. @throws Error when it succeeds, or fails with anything else */
export async function failureOf(call: Promise<unknown>): Promise<ProviderFailure> {
  const outcome = await call.catch((error: unknown) => error);
  if (!isProviderFailure(outcome)) throw new Error('The call did not fail with a ProviderFailure.', { cause: outcome });
  return outcome;
}

/** Checks that a failure is what was expected, and that it gives nothing away. */
export function expectKind(failure: ProviderFailure, expected: Expected, { rig }: Bench): void {
  expect({ code: failure.code, charged: failure.charged, retryAfterMs: failure.retryAfterMs }).toEqual({
    retryAfterMs: undefined,
    ...expected,
  });
  expect(visible(failure)).not.toContain(SECRET);
  expect(visible(failure)).not.toContain(rig.settings.apiKey);
}

/** Checks the failure of a call also against the calls and the bill. */
export function expectFailure(
  failure: ProviderFailure,
  expected: Expected,
  { bench, attemptId }: { bench: Bench; attemptId: string },
): void {
  const { rig } = bench;
  expectKind(failure, expected, bench);
  expect(rig.calls().filter((call) => call.attemptId === attemptId)).toHaveLength(1);
  const line = rig.billed().find((entry) => entry.attemptId === attemptId);
  if (expected.charged === 'yes') expect(failure).toMatchObject({ usage: line?.usage, model: line?.model });
  if (expected.charged === 'no') expect(line).toBeUndefined();
}
