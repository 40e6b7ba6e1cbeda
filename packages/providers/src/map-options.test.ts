import { describe, expect, it } from 'vitest';
import { type Ability, NO_ABILITIES } from './abilities.ts';
import { DEFAULT_MAX_OUTPUT_TOKENS, mapOptions, sentText } from './map-options.ts';
import type { TextCall } from './provider.ts';

const ALL = new Set<Ability>([
  'temperature',
  'top_p',
  'seed',
  'stop',
  'frequency_penalty',
  'presence_penalty',
  'reasoning',
  'json',
  'json_schema',
]);

function call(options: TextCall['options'], maxOutputTokens?: number): Pick<TextCall, 'prompt' | 'options' | 'maxOutputTokens'> {
  return { prompt: 'Explain particles', options, maxOutputTokens };
}

describe('mapOptions', () => {
  it('says what the options ask for in sentences, and adds nothing when they ask for nothing', () => {
    expect(mapOptions(call({}), ALL).system).toBe('');
    expect(
      mapOptions(call({ language: 'ja', secondary_language: 'en', difficulty: 'easy', number_of_questions: 5, topics: ['は', 'が'] }), ALL)
        .system,
    ).toBe(
      [
        'Answer in Japanese (ja).',
        'The second language is English (en): use it for translations and explanations where they help.',
        'Difficulty: easy.',
        'Number of questions: 5.',
        'Topics: は, が.',
      ].join('\n'),
    );
  });

  it('puts the system text of the caller before its own sentences', () => {
    expect(mapOptions(call({ system: 'You are a teacher.', language: 'de' }), ALL).system).toBe(
      'You are a teacher.\n\nAnswer in German (de).',
    );
  });

  it('takes the name of a language as well as its tag', () => {
    expect(mapOptions(call({ language: 'easy Japanese' }), ALL).system).toBe('Answer in easy Japanese.');
  });

  it('sends a conversation instead of the prompt, its system messages with the system text', () => {
    const messages = [
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hel' },
          { type: 'text', text: 'lo' },
        ],
      },
      { role: 'assistant', content: 'Good day.' },
    ];
    expect(mapOptions(call({ messages, difficulty: 'easy' }), ALL)).toMatchObject({
      system: 'Be brief.\n\nDifficulty: easy.',
      messages: [
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'Good day.' },
      ],
    });
  });

  it('refuses a conversation with anything but text in it, without showing it', () => {
    const messages = [{ role: 'user', content: [{ type: 'image_url', image_url: 'secret' }] }];
    expect(() => mapOptions(call({ messages }), ALL)).toThrow(/^REQUEST_INVALID: options.messages.*wrong at messages.0.content/);
    expect(() => mapOptions(call({ messages: [] }), ALL)).toThrow(/REQUEST_INVALID/);
  });

  it('lets an option lower the output limit but never raise it', () => {
    expect(mapOptions(call({}), ALL).maxOutputTokens).toBe(DEFAULT_MAX_OUTPUT_TOKENS);
    expect(mapOptions(call({ max_tokens: 100 }, 500), ALL).maxOutputTokens).toBe(100);
    expect(mapOptions(call({ max_completion_tokens: 9_000 }, 500), ALL).maxOutputTokens).toBe(500);
  });

  it('leaves out what the model cannot take or what makes no sense, and names it', () => {
    const options = { temperature: 0.5, top_p: 0.9, seed: 7, stop: 'END', reasoning: 'high', functions: [], nested: { a: 1 } };
    const without = mapOptions(call(options), new Set<Ability>(['seed', 'stop']));
    expect(without.ignoredOptions).toEqual(['functions', 'nested', 'reasoning', 'temperature', 'top_p']);
    expect(without).toMatchObject({ temperature: undefined, topP: undefined, seed: 7, stop: ['END'], effort: undefined, system: '' });
    const wrong = mapOptions(call({ temperature: 'hot', seed: 1.5, max_tokens: -1, reasoning: 'wild' }), ALL);
    expect(wrong.ignoredOptions).toEqual(['max_tokens', 'reasoning', 'seed', 'temperature']);
  });

  it('says nothing about options that have already chosen the model', () => {
    expect(mapOptions(call({ quality: 'premium', tier: 'cheap', deep_reasoning: true, max_cost_usd: 1 }), NO_ABILITIES)).toMatchObject({
      system: '',
      ignoredOptions: [],
    });
  });

  it('takes a quality other than premium for a part of the question', () => {
    expect(mapOptions(call({ quality: 'first draft' }), ALL).system).toBe('Quality: first draft.');
  });

  it('reasons as hard as it is told, and hard when deep reasoning was asked for', () => {
    expect(mapOptions(call({ reasoning: true }), ALL).effort).toBe('medium');
    expect(mapOptions(call({ reasoning: false }), ALL).effort).toBe('none');
    expect(mapOptions(call({ reasoning_effort: 'xhigh' }), ALL).effort).toBe('xhigh');
    expect(mapOptions(call({ deep_reasoning: true }), ALL).effort).toBe('high');
    expect(mapOptions(call({ deep_reasoning: true, reasoning: 'low' }), ALL).effort).toBe('low');
    expect(mapOptions(call({}), ALL).effort).toBeUndefined();
  });

  it('asks for JSON by the wire where it can, and in words where it cannot', () => {
    const schema = { type: 'object' };
    const format = { type: 'json_schema', json_schema: { name: 'quiz', schema } };
    expect(mapOptions(call({ response_format: format }), ALL)).toMatchObject({
      json: { name: 'quiz', schema },
      jsonByWire: true,
      system: '',
    });
    expect(mapOptions(call({ response_format: format }), NO_ABILITIES)).toMatchObject({
      jsonByWire: false,
      system: 'Answer with one JSON object and nothing else that fits this JSON schema: {"type":"object"}',
    });
    expect(mapOptions(call({ response_format: 'json' }), ALL).system).toContain('JSON');
    expect(mapOptions(call({ response_format: { type: 'text' } }), ALL)).toMatchObject({ json: undefined, ignoredOptions: [] });
    expect(mapOptions(call({ response_format: 'xml' }), ALL).ignoredOptions).toEqual(['response_format']);
  });

  it('overlooks options that are null', () => {
    expect(mapOptions(call({ language: null, temperature: null, messages: null, system: null }), NO_ABILITIES)).toMatchObject({
      system: '',
      ignoredOptions: [],
    });
  });
});

describe('sentText', () => {
  it('is all that any model can be given to read for a call', () => {
    const options = {
      tools: { tools: [{ type: 'function', function: { name: 'look_up' } }] },
      system: 'You are a teacher.',
      language: 'ja',
      response_format: { type: 'json_schema', json_schema: { schema: { type: 'array' } } },
    };
    const longest = sentText(call(options));
    for (const part of ['You are a teacher.', 'Japanese', '"array"', 'look_up', 'Explain particles']) expect(longest).toContain(part);
    expect(longest.length).toBeGreaterThanOrEqual(
      mapOptions(call(options), new Set<Ability>([...ALL, 'tools'])).system.length + 'Explain particles'.length,
    );
  });
});
