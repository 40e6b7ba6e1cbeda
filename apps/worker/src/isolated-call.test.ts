import { describe, expect, it } from 'vitest';
import { callInIsolation, type IsolatedText } from './isolated-call.ts';

const TIMEOUT_MS = 10_000;
const ORDER: IsolatedText = {
  kind: 'text',
  provider: 'openai',
  source: { access: {}, providersModule: undefined },
  call: {
    model: 'gpt-6-luna',
    attemptId: 'attempt',
    timeouts: { connect: TIMEOUT_MS, firstByte: TIMEOUT_MS, idle: TIMEOUT_MS, total: TIMEOUT_MS },
    options: {},
    prompt: 'Nobody will ask this.',
    maxOutputTokens: undefined,
  },
};

describe('a call in a process of its own', () => {
  // The crash lab: a call that was cut while it waited for its turn sent its order to a process that was already killed; nobody
  // listened for the failure of that, and the worker ended with everything it held.
  it('that is cut before its turn starts no process and charges nothing', async () => {
    await expect(callInIsolation(ORDER, AbortSignal.abort())).rejects.toMatchObject({ code: 'JOB_CANCELLED', charged: 'no' });
  });

  // The crash lab again: on a machine that was busy with 35 processes a child took more than 30 s to start, and its job went for poison.
  it('is not to blame when its process never comes to call', async () => {
    const lost: IsolatedText = { ...ORDER, source: { access: {}, providersModule: 'data:text/javascript,process.exit(3)' } };
    await expect(callInIsolation(lost, new AbortController().signal)).rejects.toMatchObject({ code: 'NO_MODEL_AVAILABLE', charged: 'no' });
  });

  it('that is cut just as it begins ends, and may have been charged', async () => {
    const cut = new AbortController();
    const calls = [callInIsolation(ORDER, cut.signal), callInIsolation(ORDER, cut.signal), callInIsolation(ORDER, cut.signal)];
    setImmediate(() => cut.abort());
    const ends = await Promise.allSettled(calls);
    expect(ends.map((end) => end.status === 'rejected' && (end.reason as { charged: string }).charged)).toEqual([
      'unknown',
      'unknown',
      'no',
    ]);
  });
});
