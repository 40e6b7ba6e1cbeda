import { AiCoreError } from '@ai-core/core';
import { describe, expect, it } from 'vitest';
import { refuseBacklog } from './refuse-backlog.ts';

const backlog = [
  { queue: 'text-openai', caller: 'crowd', waiting: 1_000 },
  { queue: 'text-openai', caller: 'other', waiting: 100 },
  { queue: 'text-claude', caller: 'other', waiting: 900 },
];

describe('too much that waits', () => {
  it('is refused to the caller whose it is, with a time to come again', () => {
    const limits = { perCaller: 1_000, perQueue: 2_000 };
    let thrown: unknown;
    try {
      refuseBacklog(backlog, limits, { queue: 'text-openai', caller: 'crowd' });
    } catch (error) {
      thrown = error;
    }
    expect(AiCoreError.is(thrown) && [thrown.code, thrown.retryAfterMs]).toEqual(['QUEUE_FULL', 10_000]);
    expect(() => refuseBacklog(backlog, limits, { queue: 'text-openai', caller: 'other' })).not.toThrow();
    expect(() => refuseBacklog(backlog, limits, { queue: 'text-claude', caller: 'crowd' })).not.toThrow();
  });

  it('is refused to everybody when the queue as a whole is full', () => {
    const limits = { perCaller: 5_000, perQueue: 1_100 };
    expect(() => refuseBacklog(backlog, limits, { queue: 'text-openai', caller: 'new' })).toThrow('1100 jobs wait in text-openai');
    expect(() => refuseBacklog(backlog, limits, { queue: 'text-claude', caller: 'new' })).not.toThrow();
  });
});
