import { parseStreamMessage, questionMessage, STREAM_QUESTIONS_TOPIC, streamTopic, type Message, type Messages } from '@ai-core/queue';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTextStreams } from './text-streams.ts';

const JOB = { jobId: 'job-1', fence: '3' };

/** Carries messages within this test, and takes as long over each as it is told. */
function openMessages(takesMs = 0): Messages & { readonly sent: (readonly [at: number, text: string])[]; readonly topics: string[] } {
  const listeners = new Map<string, (text: string) => void>();
  const sent: (readonly [number, string])[] = [];
  const since = Date.now();
  return {
    sent,
    topics: [],
    async subscribe(topic, onMessage) {
      this.topics.push(topic);
      listeners.set(topic, onMessage);
      return async () => void listeners.delete(topic);
    },
    async publish(messages: readonly Message[]) {
      if (takesMs > 0) await new Promise((resolve) => setTimeout(resolve, takesMs));
      for (const { topic, text } of messages) {
        listeners.get(topic)?.(text);
        if (topic === streamTopic(JOB.jobId)) sent.push([Date.now() - since, text]);
      }
    },
  };
}

const noTrouble = (error: unknown): void => {
  throw error;
};

describe('createTextStreams', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('subscribes to nothing before a text is streamed', () => {
    const messages = openMessages();
    const streams = createTextStreams({ messages, onError: noTrouble });
    expect(messages.topics).toEqual([]);
    streams.open(JOB);
    streams.open({ jobId: 'job-2', fence: '1' });
    expect(messages.topics).toEqual([STREAM_QUESTIONS_TOPIC]);
  });

  it('sends the first piece at once and later ones every 20 ms, each with its place', async () => {
    const messages = openMessages();
    const stream = createTextStreams({ messages, onError: noTrouble }).open(JOB);
    stream.push('Once ');
    await vi.advanceTimersByTimeAsync(5);
    for (const word of ['upon ', 'a ', 'time']) stream.push(word);
    await vi.advanceTimersByTimeAsync(40);
    stream.push('!');
    stream.end('answered');
    await vi.advanceTimersByTimeAsync(100);
    expect(messages.sent).toEqual([
      [0, 'd 3 0 Once '],
      [25, 'd 3 5 upon a time'],
      [45, 'd 3 16 !'],
    ]);
  });

  it('never has two messages under way, so that none can overtake another', async () => {
    const messages = openMessages(70);
    const stream = createTextStreams({ messages, onError: noTrouble }).open(JOB);
    for (let n = 0; n < 10; n++) {
      stream.push(String(n));
      await vi.advanceTimersByTimeAsync(20);
    }
    stream.end('answered');
    await vi.advanceTimersByTimeAsync(500);
    const deltas = messages.sent.map(([, text]) => parseStreamMessage(text)).filter((message) => message?.type === 'delta');
    let text = '';
    for (const delta of deltas) {
      expect(delta?.from).toBe(text.length);
      text += delta?.text;
    }
    expect(messages.sent.length).toBeLessThan(6);
    expect('0123456789'.startsWith(text)).toBe(true);
  });

  it('sends again from where it is asked for, to whoever comes late', async () => {
    const messages = openMessages();
    const stream = createTextStreams({ messages, onError: noTrouble }).open(JOB);
    stream.push('One ');
    await vi.advanceTimersByTimeAsync(25);
    stream.push('two ');
    await vi.advanceTimersByTimeAsync(25);
    await messages.publish([questionMessage({ jobId: JOB.jobId, from: 0 }), questionMessage({ jobId: 'another', from: 0 })]);
    await messages.publish([questionMessage({ jobId: JOB.jobId, from: 99 })]);
    await vi.advanceTimersByTimeAsync(25);
    expect(messages.sent.map(([, text]) => text)).toEqual(['d 3 0 One ', 'd 3 4 two ', 'd 3 0 One two ']);
  });

  it('takes back what it has sent when the call fails, and says nothing when it has sent nothing', async () => {
    const messages = openMessages(30);
    const streams = createTextStreams({ messages, onError: noTrouble });
    const silent = streams.open(JOB);
    silent.end('failed');
    await vi.advanceTimersByTimeAsync(100);
    expect(messages.sent).toEqual([]);
    const stream = streams.open(JOB);
    stream.push('One ');
    stream.push('two ');
    stream.end('failed');
    await vi.advanceTimersByTimeAsync(200);
    expect(messages.sent.map(([, text]) => text)).toEqual(['d 3 0 One ', 'r 3']);
  });
});
