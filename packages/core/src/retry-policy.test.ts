import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERROR_CODES, ERRORS } from './errors.ts';
import { decideRetry, FAILURES_THAT_ANSWER } from './retry-policy.ts';
import type { FailedAttempt } from './retry-policy.ts';

const failed = (changes: Partial<FailedAttempt> = {}): FailedAttempt => ({
  code: 'PROVIDER_OVERLOADED',
  retryAfterMs: undefined,
  attempt: 1,
  attemptsOnCandidate: 1,
  candidatesLeft: 2,
  manual: false,
  deadlineAt: null,
  now: 1_000_000,
  jobId: 'job-1',
  ...changes,
});
const delayOf = (changes: Partial<FailedAttempt>): number => {
  const decision = decideRetry(failed(changes));
  if (decision.action !== 'later') throw new Error(`expected later, got ${decision.action}`);
  return decision.delayMs;
};
const anyFailure = fc.record({
  code: fc.constantFrom(...ERROR_CODES),
  retryAfterMs: fc.option(fc.integer({ min: 0, max: 3 * 86_400_000 }), { nil: undefined }),
  attempt: fc.integer({ min: 1, max: 30 }),
  attemptsOnCandidate: fc.integer({ min: 1, max: 30 }),
  candidatesLeft: fc.integer({ min: 0, max: 5 }),
  manual: fc.boolean(),
  deadlineAt: fc.option(fc.integer({ min: 900_000, max: 2_000_000 })),
  now: fc.constant(1_000_000),
  jobId: fc.uuid(),
});

describe('decideRetry', () => {
  it.each(ERROR_CODES.filter((code) => ERRORS[code].retry === 'never' && code !== 'MODEL_UNKNOWN'))('never retries %s', (code) => {
    expect(decideRetry(failed({ code }))).toEqual({ action: 'never' });
  });

  it.each(ERROR_CODES.filter((code) => ERRORS[code].retry === 'elsewhere'))('takes %s to the next candidate at once', (code) => {
    expect(decideRetry(failed({ code }))).toEqual({ action: 'elsewhere' });
    expect(decideRetry(failed({ code, candidatesLeft: 0, attemptsOnCandidate: 2 }))).toEqual({ action: 'never' });
  });

  it.each(ERROR_CODES.filter((code) => ERRORS[code].retry === 'later'))(
    'tries %s again on the same model, then elsewhere, then never',
    (code) => {
      expect(decideRetry(failed({ code, attemptsOnCandidate: 2 }))).toMatchObject({ action: 'later' });
      expect(decideRetry(failed({ code, attemptsOnCandidate: 3 }))).toEqual({ action: 'elsewhere' });
      expect(decideRetry(failed({ code, attemptsOnCandidate: 7, candidatesLeft: 0 }))).toMatchObject({ action: 'later' });
      expect(decideRetry(failed({ code, attemptsOnCandidate: 8, candidatesLeft: 0 }))).toEqual({ action: 'never' });
    },
  );

  it('takes a job to the next candidate when the provider has removed its model, and fails it when there is none', () => {
    expect(decideRetry(failed({ code: 'MODEL_UNKNOWN' }))).toEqual({ action: 'elsewhere' });
    expect(decideRetry(failed({ code: 'MODEL_UNKNOWN', candidatesLeft: 0 }))).toEqual({ action: 'never' });
    expect(decideRetry(failed({ code: 'MODEL_UNKNOWN', manual: true }))).toEqual({ action: 'never' });
  });

  it('passes a request that is too long on only as long as a model with a larger context is left', () => {
    const tooLong = { code: 'CONTEXT_TOO_LONG', largerContextLeft: true } as const;
    expect(decideRetry(failed(tooLong))).toEqual({ action: 'elsewhere' });
    expect(decideRetry(failed({ ...tooLong, largerContextLeft: false }))).toEqual({ action: 'never' });
    expect(decideRetry(failed({ ...tooLong, candidatesLeft: 0 }))).toEqual({ action: 'never' });
    expect(decideRetry(failed({ ...tooLong, manual: true }))).toEqual({ action: 'never' });
  });

  it('gives a timeout and a bad answer a second try where there is no other model, but not a wrong key or a spent quota', () => {
    const alone = { candidatesLeft: 0 };
    expect(decideRetry(failed({ ...alone, code: 'PROVIDER_TIMEOUT' }))).toMatchObject({ action: 'later' });
    expect(decideRetry(failed({ ...alone, code: 'PROVIDER_BAD_ANSWER' }))).toMatchObject({ action: 'later' });
    expect(decideRetry(failed({ ...alone, code: 'PROVIDER_AUTH' }))).toEqual({ action: 'never' });
    expect(decideRetry(failed({ ...alone, code: 'PROVIDER_QUOTA_EXHAUSTED' }))).toEqual({ action: 'never' });
  });

  it('never leaves a pinned model, even with candidates behind it', () => {
    expect(decideRetry(failed({ manual: true, code: 'PROVIDER_AUTH' }))).toEqual({ action: 'never' });
    expect(decideRetry(failed({ manual: true, attemptsOnCandidate: 5 }))).toMatchObject({ action: 'later' });
    expect(decideRetry(failed({ manual: true, attemptsOnCandidate: 8 }))).toEqual({ action: 'never' });
  });

  it('doubles the back-off up to 30 s, with jitter in its upper half', () => {
    for (const [attemptsOnCandidate, full] of [
      [1, 500],
      [2, 1000],
      [4, 4000],
      [7, 30_000],
    ] as const) {
      const delay = delayOf({ attemptsOnCandidate, candidatesLeft: 0 });
      expect(delay).toBeGreaterThanOrEqual(full / 2);
      expect(delay).toBeLessThanOrEqual(full);
    }
  });

  it('decides the same for the same attempt of the same job and spreads different jobs', () => {
    expect(decideRetry(failed())).toEqual(decideRetry(failed()));
    const delays = new Set(Array.from({ length: 50 }, (_, index) => delayOf({ jobId: `job-${index}` })));
    expect(delays.size).toBeGreaterThan(35);
  });

  it('obeys Retry-After, never earlier and at most a tenth later', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 30_000 }), fc.uuid(), (retryAfterMs, jobId) => {
        const delay = delayOf({ code: 'PROVIDER_RATE_LIMITED', retryAfterMs, jobId });
        expect(delay).toBeGreaterThanOrEqual(retryAfterMs);
        expect(delay).toBeLessThanOrEqual(Math.ceil(retryAfterMs * 1.1));
      }),
    );
  });

  it('goes elsewhere instead of waiting over 30 s, waits up to 15 minutes for the last model, and gives up beyond', () => {
    const limited = { code: 'PROVIDER_RATE_LIMITED' } as const;
    expect(decideRetry(failed({ ...limited, retryAfterMs: 30_001 }))).toEqual({ action: 'elsewhere' });
    expect(delayOf({ ...limited, retryAfterMs: 900_000, candidatesLeft: 0 })).toBeGreaterThanOrEqual(900_000);
    expect(decideRetry(failed({ ...limited, retryAfterMs: 900_001, candidatesLeft: 0 }))).toEqual({ action: 'never' });
    expect(decideRetry(failed({ ...limited, retryAfterMs: 3 * 86_400_000, manual: true }))).toEqual({ action: 'never' });
  });

  it('does not wait past the deadline: another model may still make it, after the deadline nothing does', () => {
    expect(decideRetry(failed({ deadlineAt: 1_000_200 }))).toEqual({ action: 'elsewhere' });
    expect(decideRetry(failed({ deadlineAt: 1_000_200, candidatesLeft: 0 }))).toEqual({ action: 'never' });
    expect(decideRetry(failed({ deadlineAt: 1_000_000 }))).toEqual({ action: 'never' });
    expect(decideRetry(failed({ deadlineAt: 1_060_000 }))).toMatchObject({ action: 'later' });
  });

  it('ends every job: whatever fails, 20 attempts are the last', () => {
    fc.assert(
      fc.property(anyFailure, (failure) => {
        const decision = decideRetry(failure);
        if (failure.attempt >= 20) expect(decision).toEqual({ action: 'never' });
        if (decision.action === 'elsewhere') expect(failure.candidatesLeft > 0 && !failure.manual).toBe(true);
        if (decision.action === 'later') {
          expect(decision.delayMs).toBeGreaterThanOrEqual(Math.max(250, failure.retryAfterMs ?? 0));
          expect(failure.deadlineAt === null || failure.now + decision.delayMs < failure.deadlineAt).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('FAILURES_THAT_ANSWER', () => {
  it('holds only failures that would come again', () => {
    expect([...FAILURES_THAT_ANSWER]).toEqual(['PROVIDER_REFUSED', 'CONTEXT_TOO_LONG', 'VOICE_UNKNOWN']);
    for (const code of FAILURES_THAT_ANSWER) expect(ERRORS[code].retry).toBe('never');
  });
});
