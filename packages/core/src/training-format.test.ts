import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrainingExample } from './training-example.ts';
import { copiesOf, splitOf, toTrainingQuestion, trainingKeys } from './training-example.ts';
import { toJsonLine, TRAINING_FORMAT_NAMES, TRAINING_FORMATS } from './training-format.ts';

const example: TrainingExample = {
  requestType: 'quiz_generation',
  system: 'Answer in Japanese (ja).',
  messages: [{ role: 'user', content: 'A quiz about は and が' }],
  completion: 'Question 1',
  rejected: 'no idea',
  tags: ['grammar'],
  weight: 2,
  split: 'train',
};

const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).filter((value) => value.trim() !== '' && value.isWellFormed());
const anyExample = fc.record({
  requestType: fc.constant('quiz'),
  system: fc.oneof(fc.constant(''), text),
  messages: fc
    .array(text, { minLength: 1, maxLength: 5 })
    .filter((texts) => texts.length % 2 === 1)
    .map((texts) => texts.map((content, turn) => ({ role: turn % 2 === 0 ? ('user' as const) : ('assistant' as const), content }))),
  completion: text,
  rejected: fc.option(text, { nil: undefined }),
  tags: fc.array(fc.constantFrom('a', 'b')),
  weight: fc.constantFrom(0.5, 1, 2),
  split: fc.constantFrom('train' as const, 'validation' as const),
});

describe('training formats', () => {
  it.each(TRAINING_FORMAT_NAMES)('%s: whatever an example holds becomes one line that its own reader takes', (name) => {
    const { render, findFault } = TRAINING_FORMATS[name];
    fc.assert(
      fc.property(anyExample, (any) => {
        const value = render(any);
        if (value === null) return name === 'dpo';
        const line = toJsonLine(value);
        expect(line).not.toMatch(/[\n\r\u2028\u2029]/);
        expect(JSON.parse(line)).toEqual(value);
        expect(findFault(JSON.parse(line))).toBeNull();
        return true;
      }),
    );
  });

  it.each([
    ['prompt-completion', { prompt: 'A quiz about は and が', completion: 'Question 1', tags: ['grammar'] }],
    [
      'openai-chat',
      {
        messages: [
          { role: 'system', content: 'Answer in Japanese (ja).' },
          { role: 'user', content: 'A quiz about は and が' },
          { role: 'assistant', content: 'Question 1' },
        ],
      },
    ],
    [
      'gemini',
      {
        systemInstruction: { role: 'system', parts: [{ text: 'Answer in Japanese (ja).' }] },
        contents: [
          { role: 'user', parts: [{ text: 'A quiz about は and が' }] },
          { role: 'model', parts: [{ text: 'Question 1' }] },
        ],
      },
    ],
    [
      'sharegpt',
      {
        conversations: [
          { from: 'system', value: 'Answer in Japanese (ja).' },
          { from: 'human', value: 'A quiz about は and が' },
          { from: 'gpt', value: 'Question 1' },
        ],
        weight: 2,
      },
    ],
    ['alpaca', { instruction: 'Answer in Japanese (ja).', input: 'A quiz about は and が', output: 'Question 1', weight: 2 }],
    [
      'dpo',
      {
        input: {
          messages: [
            { role: 'system', content: 'Answer in Japanese (ja).' },
            { role: 'user', content: 'A quiz about は and が' },
          ],
        },
        preferred_output: [{ role: 'assistant', content: 'Question 1' }],
        non_preferred_output: [{ role: 'assistant', content: 'no idea' }],
      },
    ],
  ] as const)('%s looks as its readers want it', (name, line) => {
    expect(TRAINING_FORMATS[name].render(example)).toEqual(line);
  });

  it.each([
    ['openai-chat', { messages: [{ role: 'user', content: 'a question without an answer' }] }, /assistant|Too small/],
    [
      'openai-chat',
      {
        messages: [
          { role: 'user', content: '' },
          { role: 'assistant', content: 'x' },
        ],
      },
      /messages\.0\.content/,
    ],
    [
      'gemini',
      {
        contents: [
          { role: 'model', parts: [{ text: 'x' }] },
          { role: 'model', parts: [{ text: 'y' }] },
        ],
      },
      /user/,
    ],
    ['dpo', { ...TRAINING_FORMATS.dpo.render(example), non_preferred_output: [{ role: 'assistant', content: 'Question 1' }] }, /the same/],
    ['prompt-completion', { prompt: 'x' }, /completion/],
  ] as const)('%s names what is wrong with a bad line', (name, line, fault) => {
    expect(TRAINING_FORMATS[name].findFault(line)).toMatch(fault);
  });
});

describe('a training example', () => {
  it('asks in the words a provider was given: options about the content are sentences, others are not said', () => {
    const question = toTrainingQuestion({
      requestType: 'quiz',
      prompt: 'Make a quiz',
      options: { language: 'ja', difficulty: 'easy', temperature: 0.2, tier: 'cheap', system: 'You are a teacher.' },
    });
    expect(question).toEqual({
      requestType: 'quiz',
      system: 'You are a teacher.\n\nAnswer in Japanese (ja).\nDifficulty: easy.',
      messages: [{ role: 'user', content: 'Make a quiz' }],
    });
  });

  it('keeps a conversation as it was', () => {
    const { system, messages } = toTrainingQuestion({
      requestType: 'chat',
      prompt: 'and then?',
      options: {
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'hello' },
          { role: 'assistant', content: 'hi' },
          { role: 'user', content: 'and then?' },
        ],
      },
    });
    expect(system).toBe('Be brief.');
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  });

  it('has the key of its prompt whatever the writing habits, and another key with other options', () => {
    const keysOf = (prompt: string, options: Record<string, string> = {}) =>
      trainingKeys(toTrainingQuestion({ requestType: 'quiz', prompt, options }));
    expect(keysOf('Explain は and が!')).toEqual(keysOf('  explain は　and が '));
    expect(keysOf('Explain は', { difficulty: 'hard' }).promptKey).toBe(keysOf('Explain は').promptKey);
    expect(keysOf('Explain は', { difficulty: 'hard' }).exampleKey).not.toBe(keysOf('Explain は').exampleKey);
    expect(keysOf('Explain が').promptKey).not.toBe(keysOf('Explain は').promptKey);
  });

  it('goes to validation by its key alone, in the share that was asked for', () => {
    const keys = Array.from({ length: 20_000 }, (_, n) => `key ${n}`);
    const share = keys.filter((key) => splitOf(key, 0.1) === 'validation').length / keys.length;
    expect(share).toBeGreaterThan(0.09);
    expect(share).toBeLessThan(0.11);
    // What is validation at a small share is so at a larger one: nothing moves over to train.
    expect(keys.filter((key) => splitOf(key, 0.1) === 'validation').every((key) => splitOf(key, 0.2) === 'validation')).toBe(true);
  });

  it('is written as often as its weight says, on average where that is no whole number', () => {
    const copies = Array.from({ length: 10_000 }, (_, n) => copiesOf({ weight: 1.5, exampleKey: `key ${n}` }));
    expect(new Set(copies)).toEqual(new Set([1, 2]));
    expect(copies.reduce((sum, one) => sum + one, 0) / copies.length).toBeCloseTo(1.5, 1);
    expect(copiesOf({ weight: 3, exampleKey: 'any' })).toBe(3);
  });
});
