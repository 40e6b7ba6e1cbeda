import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deltaMessages, parseStreamMessage, parseStreamQuestion, questionMessage, resetMessage, streamTopic } from './text-stream.ts';

const JOB = '0198c0de-0000-7000-8000-000000000001';

describe('deltaMessages', () => {
  it('cuts any text into pieces of at most 4 kB that put it together again, and never through a character', () => {
    const texts = fc.array(fc.constantFrom('a', '語', '🎓', '\n', ' ', 'é', 'x'.repeat(1_364), '漢'.repeat(700)), { maxLength: 12 });
    fc.assert(
      fc.property(texts, fc.nat(10_000), (parts, from) => {
        const text = parts.join('');
        const messages = deltaMessages(JOB, '7', { from, text });
        let joined = '';
        for (const message of messages) {
          const delta = parseStreamMessage(message.text);
          if (delta?.type !== 'delta') throw new Error('not a delta');
          expect(message.topic).toBe(streamTopic(JOB));
          expect(delta).toMatchObject({ fence: 7, from: from + joined.length });
          expect(Buffer.byteLength(delta.text)).toBeLessThanOrEqual(4_096);
          expect(delta.text.isWellFormed()).toBe(true);
          joined += delta.text;
        }
        expect(joined).toBe(text);
      }),
    );
  });
});

describe('parseStreamMessage', () => {
  it('reads back a reset, and passes over what it does not know', () => {
    expect(parseStreamMessage(resetMessage(JOB, '12').text)).toEqual({ type: 'reset', fence: 12 });
    for (const unknown of ['', 'x 1', 'd 1', 'd a b c', 'r', 'r 1 2']) expect(parseStreamMessage(unknown)).toBeUndefined();
  });
});

describe('parseStreamQuestion', () => {
  it('reads back which job is asked for and from where, and passes over what it does not know', () => {
    expect(parseStreamQuestion(questionMessage({ jobId: JOB, from: 42 }).text)).toEqual({ jobId: JOB, from: 42 });
    expect(parseStreamQuestion('what?')).toBeUndefined();
  });
});
