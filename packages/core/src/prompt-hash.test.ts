import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_OPTION_BYTES, promptHash } from './prompt-hash.ts';
import file from './prompt-hash-vectors.json' with { type: 'json' };
import type { HashableRequest, Json } from './request.ts';

const vectors = file.vectors as { request: HashableRequest; canonical: string; sha256: string }[];
const text = (changes: Partial<HashableRequest> = {}): HashableRequest => ({
  kind: 'text',
  request_type: 'test',
  prompt: 'Hello AI!',
  ...changes,
});
const speech = (changes: Partial<HashableRequest> = {}): HashableRequest => ({ kind: 'audio', text: 'Hello', language: 'en', ...changes });

describe('promptHash', () => {
  it.each(vectors.map((vector, index) => ({ index, ...vector })))('holds vector $index', ({ request, canonical, sha256 }) => {
    expect(promptHash(request)).toEqual({ hash: sha256, canonical });
  });

  it('has all 22 vectors', () => {
    expect(vectors).toHaveLength(22);
  });

  it('does not depend on the order of keys, on who asks, or on absent values', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), fc.jsonValue({ maxDepth: 4 })), fc.integer(), (options, id) => {
        const clean = Object.fromEntries(Object.entries(options).filter(([key]) => !['user', 'endpoint'].includes(key))) as Record<
          string,
          Json
        >;
        const turned = Object.fromEntries(Object.entries(clean).toReversed());
        const base = promptHash(text({ options: clean })).hash;
        expect(promptHash(text({ options: { ...turned, user_id: id, endpoint: 'a.b', nothing: null } })).hash).toBe(base);
      }),
    );
  });

  it('differs when anything that decides the answer differs', () => {
    const requests = [
      text(),
      text({ prompt: 'Hello AI?' }),
      text({ request_type: 'report' }),
      text({ scope: 'user:42' }),
      text({ options: { language: 'ja' } }),
      text({ options: { language: 'JA' } }),
      text({ options: { list: [1, 2] } }),
      text({ options: { list: [2, 1] } }),
      text({ options: { list: [1, null] } }),
      text({ normalization: 'exact' }),
      text({ selection_mode: 'manual', provider: 'openai', model: 'gpt-4o' }),
      text({ selection_mode: 'manual', provider: 'openai', model: 'gpt-4o-mini' }),
      speech(),
      speech({ text: 'hello' }),
      speech({ language: 'en-gb' }),
      speech({ voice: 'Lily' }),
      speech({ voice: 'lily' }),
      speech({ request_type: 'announcement' }),
    ];
    expect(new Set(requests.map((request) => promptHash(request).hash)).size).toBe(requests.length);
  });

  it('takes a named provider and model without a selection mode for a manual choice, and none in auto mode', () => {
    const pinned = { provider: 'openai', model: 'gpt-4o' };
    expect(promptHash(text(pinned)).hash).toBe(promptHash(text({ ...pinned, selection_mode: 'manual' })).hash);
    expect(promptHash(text({ ...pinned, selection_mode: 'auto' })).hash).toBe(promptHash(text()).hash);
  });

  it('makes speech exact whatever the policy says', () => {
    expect(promptHash(speech({ normalization: 'loose' })).canonical).toContain('"normalization":"exact"');
  });

  it.each<[string, HashableRequest, RegExp]>([
    ['no prompt', { kind: 'text', request_type: 'test' }, /prompt must be text/],
    ['no request type', { kind: 'text', prompt: 'x' }, /request_type must be text/],
    ['an unknown kind', { ...text(), kind: 'image' } as unknown as HashableRequest, /kind must be text or audio/],
    ['no language of speech', { kind: 'audio', text: 'x' }, /language must be text/],
    ['a number for a prompt', text({ prompt: 5 as unknown as string }), /prompt must be text/],
    ['U+0000 in the prompt', text({ prompt: 'a\0' }), /prompt contains the character U\+0000/],
    ['half a surrogate pair in speech', speech({ text: '\udc00' }), /text contains half/],
    ['U+0000 in the scope', text({ scope: 'user:\0' }), /scope contains/],
    ['an empty scope', text({ scope: '' }), /scope must not be empty/],
    ['half a surrogate pair in a model', text({ selection_mode: 'manual', provider: 'openai', model: '\ud800' }), /model contains half/],
    ['manual without a model', text({ selection_mode: 'manual', provider: 'openai' }), /needs both provider and model/],
    ['manual without a provider', text({ selection_mode: 'manual', model: 'gpt-4o' }), /needs both provider and model/],
    ['an unknown provider', text({ provider: 'mistral', model: 'm' }), /openai, gemini, claude, elevenlabs, google_tts, local_small_model/],
    ['__proto__ for a provider', text({ provider: '__proto__', model: 'm' }), /provider must be one of/],
  ])('refuses %s', (_name, request, message) => {
    expect(() => promptHash(request)).toThrow(message);
    expect(() => promptHash(request)).toThrow(/^REQUEST_INVALID: /);
  });

  it('refuses a prompt over the limit of its type, naming both lengths and not the prompt', () => {
    const prompt = 'secret '.repeat(300_000);
    expect(() => promptHash(text({ prompt }))).toThrow(
      'REQUEST_INVALID: prompt has 2100000 characters; this request type allows 1000000. Send less text.',
    );
    expect(() => promptHash(text({ prompt: 'x'.repeat(101) }), { maxCharacters: 100 })).toThrow(/allows 100/);
    expect(() => promptHash(text({ prompt: 'x'.repeat(100) }), { maxCharacters: 100 })).not.toThrow();
  });

  it('refuses options over 16 kB and takes options of exactly that size', () => {
    const room = MAX_OPTION_BYTES - '{"a":""}'.length;
    expect(() => promptHash(text({ options: { a: 'x'.repeat(room) } }))).not.toThrow();
    expect(() => promptHash(text({ options: { a: 'x'.repeat(room + 1) } }))).toThrow(/options take 16385 bytes/);
    expect(() => promptHash(text({ options: { a: '語'.repeat(6000) } }))).toThrow(/options take/);
  });

  it('counts a conversation against the limit of the prompt', () => {
    const messages = [{ role: 'user', content: 'x'.repeat(20_000) }];
    expect(() => promptHash(text({ options: { messages } }))).not.toThrow();
    expect(() => promptHash(text({ options: { messages } }), { maxCharacters: 10_000 })).toThrow(/options\.messages has .* allows 10000/);
  });

  it('never throws anything but REQUEST_INVALID, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.record({
          kind: fc.constantFrom('text', 'audio'),
          request_type: fc.oneof(fc.string({ unit: 'binary' }), fc.constant(undefined)),
          prompt: fc.anything(),
          text: fc.string({ unit: 'binary' }),
          language: fc.string(),
          options: fc.oneof(fc.object({ withBigInt: true, withDate: true, maxDepth: 12 }), fc.anything()),
          provider: fc.anything(),
          model: fc.anything(),
        }),
        (request) => {
          try {
            expect(promptHash(request as unknown as HashableRequest).hash).toMatch(/^[0-9a-f]{64}$/);
          } catch (error) {
            expect(error).toMatchObject({ code: 'REQUEST_INVALID' });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
