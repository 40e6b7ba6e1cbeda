import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AiCoreError } from './errors.ts';
import { promptHash } from './prompt-hash.ts';
import { AudioRequestSchema, parseAudioRequest, parseTextRequest, TextRequestSchema } from './request-schema.ts';

const text = (changes: object = {}): object => ({ request_type: 'quiz_generation', prompt: 'Write a quiz', ...changes });
const audio = (changes: object = {}): object => ({ text: 'Hello', language: 'en', ...changes });

function problemOf(parse: () => unknown): string {
  try {
    parse();
  } catch (error) {
    if (AiCoreError.is(error) && error.code === 'REQUEST_INVALID') return error.reason;
    throw error;
  }
  throw new Error('the request was accepted');
}

describe('parseTextRequest', () => {
  it('fills in the defaults', () => {
    expect(parseTextRequest(text())).toEqual({
      request_type: 'quiz_generation',
      prompt: 'Write a quiz',
      options: {},
      selection_mode: 'auto',
      scope: 'shared',
      cache: 'use',
      lane: 'interactive',
      priority: 0,
      wait_s: 60,
      explain: false,
      estimate: false,
      known_names: [],
    });
  });

  it('takes every field there is', () => {
    const request = {
      options: { language: 'ja', secondary_language: 'en', output_format: 'both', own_key: { deep: [1, null] } },
      selection_mode: 'manual',
      provider: 'openai',
      model: 'gpt-4o',
      user_id: 'u1',
      user_category: 'free',
      endpoint: 'dailycast.services.create_podcast',
      scope: 'user:42',
      cache: 'refresh',
      max_age_s: 3600,
      lane: 'batch',
      priority: 9,
      deadline_s: 600,
      wait_s: 0,
      explain: true,
      estimate: true,
      max_cost_usd: '0.05',
      webhook_url: 'https://academy.example/hook',
      known_names: ['Aiko Tanaka'],
    };
    expect(parseTextRequest(text(request))).toEqual({ ...text(), ...request });
  });

  it('takes null for absent, as Python clients send it', () => {
    const nulls = Object.fromEntries(Object.keys(TextRequestSchema.shape).map((key) => [key, null]));
    expect(parseTextRequest({ ...nulls, ...text() })).toEqual(parseTextRequest(text()));
    expect(parseTextRequest(text({ options: { language: null, system: null, own: null } })).options).toEqual({});
  });

  it('makes a numeric user id text, and money one canonical decimal', () => {
    expect(parseTextRequest(text({ user_id: 42 })).user_id).toBe('42');
    for (const max_cost_usd of ['0.50', 0.5, '0.5']) expect(parseTextRequest(text({ max_cost_usd })).max_cost_usd).toBe('0.5');
    expect(parseTextRequest(text({ max_cost_usd: 1e-7 })).max_cost_usd).toBe('0.0000001');
    expect(parseTextRequest(text({ max_cost_usd: 0.1 + 0.2 })).max_cost_usd).toBe('0.3');
  });

  it('keeps case_sensitive and identity keys in the options for the hash to judge', () => {
    const options = { case_sensitive: true, user_id: 7, language: 'ja' };
    expect(parseTextRequest(text({ options })).options).toEqual(options);
  });

  it('takes fallback beside the options or in them', () => {
    const pinned = { provider: 'openai', model: 'gpt-4o' };
    expect(parseTextRequest(text({ ...pinned, fallback: true })).options).toEqual({ fallback: true });
    expect(parseTextRequest(text({ ...pinned, options: { fallback: true } })).options).toEqual({ fallback: true });
    expect(parseTextRequest(text({ ...pinned, fallback: false })).options).toEqual({});
  });

  it('takes a provider and a model without a mode for a manual choice', () => {
    expect(parseTextRequest(text({ provider: 'openai', model: 'gpt-4o' }))).toMatchObject({
      selection_mode: 'manual',
      provider: 'openai',
      model: 'gpt-4o',
    });
  });

  it.each([
    ['a missing prompt', { prompt: undefined }, 'prompt is missing.'],
    ['a blank prompt', { prompt: ' \n\u3000' }, 'prompt must not be empty.'],
    ['a number for a prompt', { prompt: 5 }, 'prompt must be a string.'],
    ['an unknown field', { temperature: 1 }, 'temperature is not a known field.'],
    ['a camelCase field', { userId: 'u' }, 'userId is not a known field; it is called user_id.'],
    ['a hostile request type', { request_type: 'a:b/../c' }, 'request_type must be 1 to 64 letters, digits, "_", "-" or ".".'],
    ['an unknown cache mode', { cache: 'never' }, 'cache must be one of use, refresh, bypass.'],
    ['too long a wait', { wait_s: 301 }, 'wait_s is too large or too long; at most 300 is allowed.'],
    ['a negative wait', { wait_s: -1 }, 'wait_s is too small or too short; at least 0 is needed.'],
    ['a fractional priority', { priority: 1.5 }, 'priority must be a whole number.'],
    ['a reserved scope', { scope: 'once:abc' }, 'scope must not begin with "once:", which AI Core uses itself.'],
    ['U+0000 in an endpoint', { endpoint: 'a\0' }, 'endpoint contains U+0000 or half of a surrogate pair, which cannot be stored.'],
    ['U+0000 in the prompt', { prompt: 'a\0' }, 'prompt contains U+0000 or half of a surrogate pair, which cannot be stored.'],
    ['a user id that is a list', { user_id: [] }, 'user_id must be text of 1 to 200 characters or a whole number.'],
    [
      'money with an exponent',
      { max_cost_usd: '1e3' },
      'max_cost_usd must be a decimal number of US dollars with at most nine digits after the point.',
    ],
    ['negative money', { max_cost_usd: -1 }, /^max_cost_usd (must be a decimal|is too small)/],
    ['a webhook that is no web address', { webhook_url: 'file:///etc/passwd' }, 'webhook_url must be an http or https address.'],
    ['a temperature of text', { options: { temperature: 'hot' } }, 'options.temperature must be a number.'],
    ['too hot a temperature', { options: { temperature: 2.5 } }, 'options.temperature is too large or too long; at most 2 is allowed.'],
    ['no output tokens', { options: { max_tokens: 0 } }, 'options.max_tokens is too small or too short; at least 1 is needed.'],
    [
      'an unknown effort',
      { options: { reasoning: 'very' } },
      'options.reasoning must be one of none, minimal, low, medium, high, xhigh, max.',
    ],
    ['a number for quality', { options: { quality: 5 } }, 'options.quality must be a string.'],
    ['text for a flag', { options: { deep_reasoning: 'yes' } }, 'options.deep_reasoning must be a boolean.'],
    [
      'an unknown response format',
      { options: { response_format: 'xml' } },
      /^options\.response_format must be "text", "json" or an object/,
    ],
    ['a list for options', { options: [] }, 'options must be an object.'],
    [
      'a reserved option',
      { options: { max_tier: 'cheap', messages: [] } },
      'options must not contain max_tier, messages: AI Core sets that itself.',
    ],
    ['too deep options', { options: { a: [[[[[[[[1]]]]]]]] } }, /^options are nested deeper than 8/],
    ['half a selection', { provider: 'openai' }, 'a provider needs a model; name both, or neither for automatic selection.'],
  ])('refuses %s', (_name, changes, problem) => {
    expect(problemOf(() => parseTextRequest(text(changes)))).toMatch(problem);
  });

  it('names every problem at once, one sentence each', () => {
    expect(problemOf(() => parseTextRequest({ cache: 'x', wait_s: 999 }))).toBe(
      'request_type is missing. prompt is missing. cache must be one of use, refresh, bypass. wait_s is too large or too long; at most 300 is allowed.',
    );
  });

  it.each([[null], [undefined], [[]], ['text'], [5]])('refuses %j for a request', (input) => {
    expect(problemOf(() => parseTextRequest(input))).toMatch(/^the request (must be an object|is missing)\.$/);
  });

  it('refuses keys named __proto__ and pollutes nothing', () => {
    expect(problemOf(() => parseTextRequest(JSON.parse('{"__proto__": {"polluted": 1}, "request_type": "x", "prompt": "y"}')))).toBe(
      '__proto__ is not a known field.',
    );
    expect(problemOf(() => parseTextRequest(text({ options: JSON.parse('{"__proto__": {"polluted": 1}}') as object })))).toMatch(
      /key named __proto__/,
    );
    expect('polluted' in {}).toBe(false);
  });

  it('refuses a nesting bomb without overflowing the stack', () => {
    const bomb: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    expect(problemOf(() => parseTextRequest(text({ options: { bomb } })))).toMatch(/nested deeper/);
    expect(problemOf(() => parseTextRequest(text({ known_names: bomb })))).toBe('known_names[0] must be a string.');
  });

  it('never repeats the prompt or another value in what it says', () => {
    const secret = 'S3CRET';
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...Object.keys(TextRequestSchema.shape)),
          fc.constantFrom<unknown>(secret, { [`k`]: secret }, [secret], -1, true),
        ),
        (fields) => {
          try {
            parseTextRequest({ ...fields, prompt: `${secret}\0`, options: { temperature: secret, max_tokens: [secret] } });
          } catch (error) {
            expect(AiCoreError.is(error) && error.message).not.toContain(secret);
          }
        },
      ),
    );
  });

  it('accepts only what can be hashed, apart from the limits of the type', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 1 }),
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string({ unit: 'binary' }),
        (prompt, options, scope) => {
          const request = (() => {
            try {
              return parseTextRequest(text({ prompt, options, scope }));
            } catch {
              return null;
            }
          })();
          if (request !== null) expect(promptHash({ kind: 'text', ...request }).hash).toHaveLength(64);
        },
      ),
    );
  });
});

describe('parseAudioRequest', () => {
  it('fills in the defaults', () => {
    expect(parseAudioRequest(audio())).toMatchObject({
      request_type: 'tts_audio',
      text: 'Hello',
      language: 'en',
      format: 'mp3',
      selection_mode: 'auto',
      options: {},
    });
  });

  it('takes a provider without a model, with or without a mode', () => {
    for (const mode of [{}, { selection_mode: 'manual' }]) {
      const request = parseAudioRequest(audio({ provider: 'elevenlabs', voice_id: 'Lily', ...mode }));
      expect(request).toMatchObject({ selection_mode: 'manual', provider: 'elevenlabs', voice_id: 'Lily' });
      expect(request.model).toBeUndefined();
    }
  });

  it.each([
    ['a missing language', { language: undefined }, 'language is missing.'],
    ['a language that is no tag', { language: 'Japanese!' }, 'language must be a language tag such as ja or en-GB.'],
    ['another format', { format: 'ogg' }, 'format must be one of mp3, opus, aac, flac, wav, pcm.'],
    ['blank text', { text: '  ' }, 'text must not be empty.'],
    ['too fast', { options: { speed: 9 } }, 'options.speed is too large or too long; at most 4 is allowed.'],
    ['a provider of text', { provider: 'claude' }, /^claude does not generate speech/],
    ['a prompt', { prompt: 'x' }, 'prompt is not a known field.'],
  ])('refuses %s', (_name, changes, problem) => {
    expect(problemOf(() => parseAudioRequest(audio(changes)))).toMatch(problem);
  });
});

describe('the schemas', () => {
  it('can be published as JSON Schema', () => {
    for (const schema of [TextRequestSchema, AudioRequestSchema]) {
      expect(z.toJSONSchema(schema)).toMatchObject({ type: 'object', additionalProperties: false });
    }
  });
});
