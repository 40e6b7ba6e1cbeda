import { NO_USAGE, type Usage } from '@ai-core/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkUsage } from './check-usage.ts';

const FRAME = { sent: 'x'.repeat(1_000), received: 'y'.repeat(450), maxOutputTokens: 500, audioSeconds: 0, longestAudioSeconds: 0 };
const GOOD: Usage = { ...NO_USAGE, inputTokens: 250, cacheReadTokens: 100, cacheWriteTokens: 50, outputTokens: 120, reasoningTokens: 20 };

describe('checkUsage', () => {
  it('believes counts that can be true', () => {
    expect(checkUsage(GOOD, FRAME)).toEqual({ usage: GOOD, doubt: null });
  });

  it('estimates when there are none', () => {
    expect(checkUsage(undefined, FRAME)).toEqual({
      usage: { ...NO_USAGE, inputTokens: 223, outputTokens: 100, estimated: true },
      doubt: 'missing',
    });
  });

  it.for<[string, Partial<Usage>]>([
    ['negative', { outputTokens: -1 }],
    ['a fraction', { inputTokens: 10.5 }],
    ['not a number', { inputTokens: Number.NaN }],
    ['infinite', { outputTokens: Number.POSITIVE_INFINITY }],
    ['more input than was sent', { inputTokens: 1e12 }],
    ['more output than was allowed', { outputTokens: 5_000 }],
    ['more cached than read', { cacheReadTokens: 300 }],
    ['sound where there is none', { audioOutputTokens: 100 }],
    ['more reasoning than output', { reasoningTokens: 121 }],
    ['an answer made of nothing', { outputTokens: 0, reasoningTokens: 0 }],
    ['a question read from nothing', { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 }],
  ])('puts its own estimate in the place of a count that is %s', ([, change]) => {
    const { usage, doubt } = checkUsage({ ...GOOD, ...change }, FRAME);
    expect(doubt).toBe('implausible');
    expect(usage).toEqual(checkUsage(undefined, FRAME).usage);
  });

  it('never lets through a count that is not whole, negative or beyond what was sent and allowed', () => {
    const count = fc.oneof(fc.integer({ min: -10, max: 10_000 }), fc.double(), fc.constant(1e15));
    fc.assert(
      fc.property(count, count, count, count, (inputTokens, cacheReadTokens, outputTokens, reasoningTokens) => {
        const { usage } = checkUsage({ ...NO_USAGE, inputTokens, cacheReadTokens, outputTokens, reasoningTokens }, FRAME);
        for (const value of [usage.inputTokens, usage.cacheReadTokens, usage.outputTokens, usage.reasoningTokens]) {
          expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
        }
        expect(usage.inputTokens).toBeLessThanOrEqual(1_000 + 4_096);
        expect(usage.outputTokens).toBeLessThanOrEqual(500 + 64);
        expect(usage.cacheReadTokens).toBeLessThanOrEqual(usage.inputTokens);
      }),
    );
  });
});
