import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batchTermsOf, limitBatch, shouldClose, type ClosingRule, type Collection } from './batch-lane.ts';
import type { JobRequest } from './request.ts';

const JOB: JobRequest = { kind: 'text', request_type: 'quiz', prompt: 'a question', options: {}, selection_mode: 'auto' };
const QUESTION = {
  config: { provider: 'openai' as const, capabilities: { batch: true } },
  price: { batchBasisPoints: 5_000 },
  job: JOB,
  contextBytes: 0,
};
const RULE: ClosingRule = { maxRequests: 1_000, maxBytes: 8_000_000, maxAgeMs: 600_000 };

describe('the terms of the batch lane', () => {
  it('are those of the price, and leave room for the request as JSON', () => {
    expect(batchTermsOf(QUESTION)?.basis_points).toBe(5_000);
    fc.assert(
      fc.property(fc.string(), fc.nat(1_000_000), (prompt, contextBytes) => {
        const terms = batchTermsOf({ ...QUESTION, job: { ...JOB, prompt }, contextBytes });
        expect(terms?.bytes).toBeGreaterThan(Buffer.byteLength(prompt) + contextBytes);
      }),
    );
  });

  it.for([
    ['speech', { ...QUESTION, job: { ...JOB, kind: 'audio' as const } }],
    ['a text that is watched', { ...QUESTION, job: { ...JOB, stream: true } }],
    ['a text that may call functions', { ...QUESTION, job: { ...JOB, options: { tools: 'some' } } }],
    ['a provider without batches', { ...QUESTION, config: { provider: 'local_small_model' as const, capabilities: {} } }],
    ['a model that cannot', { ...QUESTION, config: { provider: 'openai' as const, capabilities: { batch: false } } }],
    ['a model without a price', { ...QUESTION, price: null }],
    ['a price without a discount', { ...QUESTION, price: { batchBasisPoints: 10_000 } }],
  ] as const)('do not exist for %s', ([, question]) => {
    expect(batchTermsOf(question)).toBeUndefined();
  });
});

describe('a collection', () => {
  const collections = fc.record<Collection>({
    provider: fc.constantFrom('openai', 'claude', 'gemini'),
    requests: fc.nat(3_000),
    bytes: fc.nat(20_000_000),
    ageMs: fc.nat(1_200_000),
  });

  it('is closed by its number, its size or its age, and by nothing else', () => {
    fc.assert(
      fc.property(collections, (collection) => {
        const due = collection.requests >= 1_000 || collection.bytes >= 8_000_000 || collection.ageMs >= 600_000;
        expect(shouldClose(collection, RULE)).toBe(collection.requests > 0 && due);
      }),
    );
  });

  it('is closed no later when it has become larger or older', () => {
    fc.assert(
      fc.property(collections, fc.nat(100), fc.nat(1_000), (collection, requests, ageMs) => {
        const later = { ...collection, requests: collection.requests + requests, ageMs: collection.ageMs + ageMs };
        if (shouldClose(collection, RULE)) expect(shouldClose(later, RULE)).toBe(true);
      }),
    );
  });

  it('never exceeds what the provider takes, whatever is set', () => {
    const wide = { maxRequests: 1_000_000, maxBytes: 1_000_000_000, maxAgeMs: 1 };
    expect(limitBatch('openai', wide)).toEqual({ requests: 50_000, bytes: 200_000_000 });
    expect(limitBatch('gemini', wide).bytes).toBe(20_000_000);
    expect(limitBatch('claude', RULE)).toEqual({ requests: 1_000, bytes: 8_000_000 });
  });
});
