import { describe, expect, it } from 'vitest';
import type { TextReading } from './ending.ts';
import { failureOf } from './conformance/expect-failure.ts';
import { finishText } from './finish-text.ts';
import { mapOptions } from './map-options.ts';
import { NO_ABILITIES } from './abilities.ts';
import type { TextCall } from './provider.ts';

function finish(reading: Partial<TextReading>, { options = {} }: { options?: TextCall['options'] } = {}) {
  const settings = mapOptions({ prompt: 'Explain particles', options, maxOutputTokens: 500 }, NO_ABILITIES);
  return finishText(
    { text: 'は marks the topic.', ending: 'complete', endingWord: 'stop', model: 'm-2', usage: undefined, rawUsage: null, ...reading },
    { provider: 'claude', model: 'm-1', settings, providerRequestId: 'req_1' },
  );
}

const JSON_WANTED = { options: { response_format: 'json' } };

describe('finishText', () => {
  it('names the model that answered, or the one that was asked when the provider does not say', () => {
    expect(finish({}).model).toBe('m-2');
    expect(finish({ model: null }).model).toBe('m-1');
  });

  it('takes the fence off JSON that a model has put one around', () => {
    const text = '```json\n{"a": 1}\n```';
    expect(finish({ text }, JSON_WANTED).text).toBe('{"a": 1}');
    expect(finish({ text }).text).toBe(text);
  });

  it.for([
    ['length', 'PROVIDER_BAD_ANSWER', 'yes'],
    ['refused', 'PROVIDER_REFUSED', 'yes'],
    ['context', 'CONTEXT_TOO_LONG', 'yes'],
    ['absent', 'PROVIDER_BAD_ANSWER', 'yes'],
    ['unfinished', 'PROVIDER_BAD_ANSWER', 'unknown'],
    ['strange', 'PROVIDER_BAD_ANSWER', 'yes'],
  ] as const)('fails when the answer has ended as %s', async ([ending, code, charged]) => {
    const failure = await failureOf(Promise.resolve().then(() => finish({ ending })));
    expect(failure).toMatchObject({ code, charged, model: 'm-2', providerRequestId: 'req_1' });
    expect(failure.usage?.outputTokens).toBeGreaterThan(0);
  });

  it('takes an answer of nothing but white space for none', async () => {
    expect(await failureOf(Promise.resolve().then(() => finish({ text: ' \n\u0000' })))).toMatchObject({
      code: 'PROVIDER_BAD_ANSWER',
      charged: 'yes',
    });
  });
});
