import { expect, it } from 'vitest';
import { fingerprintRequest } from './fingerprint-request.ts';
import { parseTextRequest } from './request-schema.ts';

const wire = { request_type: 'quiz', prompt: 'Name a river.', options: { language: 'en', difficulty: 'A1' } };
const fingerprint = (changes: object = {}, simulated = false) => fingerprintRequest(parseTextRequest({ ...wire, ...changes }), simulated);

it('is the same however the fields are ordered and whether defaults are written out', () => {
  expect(fingerprint()).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprint({ options: { difficulty: 'A1', language: 'en' }, cache: 'use', scope: 'shared' })).toBe(fingerprint());
});

it('differs with anything the caller sent, and between simulated and real providers', () => {
  const others = [
    fingerprint({ prompt: 'Name a river!' }),
    fingerprint({ user_id: '7' }),
    fingerprint({ cache: 'bypass' }),
    fingerprint({ priority: 3 }),
    fingerprint({}, true),
  ];
  expect(new Set([fingerprint(), ...others]).size).toBe(6);
});
