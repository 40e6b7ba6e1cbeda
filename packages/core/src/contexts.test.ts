import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkContext, contextsOf, findContextNames, MAX_CONTEXT_CHARACTERS, toContextName, writeContexts } from './contexts.ts';
import { decideHashOptions } from './decide-hash-options.ts';
import { AiCoreError } from './errors.ts';
import { promptHash } from './prompt-hash.ts';
import { parseTextRequest } from './request-schema.ts';
import type { Json } from './request.ts';

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'fine';
  } catch (error) {
    return AiCoreError.is(error) ? `${error.code} ${error.reason}` : String(error);
  }
};

describe('checkContext', () => {
  it('gives the same text the same hash whatever its line ends and Unicode form', () => {
    const one = checkContext({ name: ' Lesson-1 ', text: 'Cafe\u0301\r\nau lait\n' });
    expect(one).toEqual({ name: 'lesson-1', text: 'Café\nau lait', sha256: createHash('sha256').update('Café\nau lait').digest('hex') });
    expect(checkContext({ name: 'lesson-1', text: 'Café\nau lait' })).toEqual(one);
  });

  it.for([
    ['a name with a space', 'les son', 'x', 'REQUEST_INVALID the name'],
    ['an empty name', '', 'x', 'REQUEST_INVALID the name'],
    ['an empty text', 'a', ' \n ', 'must not be empty'],
    ['a text too long', 'a', 'x'.repeat(MAX_CONTEXT_CHARACTERS + 1), 'at most'],
    ['what cannot be stored', 'a', 'x\0y', 'U+0000'],
    ['an address', 'a', 'Write to anna@example.com', 'EMAIL'],
    ['a number in its name', '090-1234-5678', 'x', 'PHONE'],
    ['a placeholder', 'a', 'Dear ⟦NAME_1⟧', 'placeholders (NAME)'],
  ] as const)('refuses %s', ([, name, text, words]) => {
    expect(codeOf(() => checkContext({ name, text }))).toContain(words);
  });
});

describe('findContextNames', () => {
  it('finds every name once, in the prompt, the system text and the messages, in alphabetical order', () => {
    expect(
      findContextNames({
        prompt: 'Use {{context:Zoo}} and {{ context: grammar.n5 }}; not {context:x} nor {{other:y}} nor {{context:open',
        options: {
          system: 'After {{context:zoo}}',
          messages: [{ role: 'user', content: [{ type: 'text', text: '{{context:a-1}}' }] }],
          topic: '{{context:no}}',
        },
      }),
    ).toEqual(['a-1', 'grammar.n5', 'zoo']);
  });

  it('refuses a reference that cannot be a name, and too many', () => {
    expect(codeOf(() => findContextNames({ prompt: '{{context:⟦NAME_1⟧}}', options: {} }))).toContain('REQUEST_INVALID');
    const nine = Array.from({ length: 9 }, (_, n) => `{{context:c${n}}}`).join(' ');
    expect(codeOf(() => findContextNames({ prompt: nine, options: {} }))).toContain('at most 8');
  });
});

describe('the hash of a request with contexts', () => {
  const hashWith = (contexts: { name: string; sha256: string }[]) =>
    promptHash({
      kind: 'text',
      request_type: 'quiz',
      prompt: 'Make a quiz of {{context:l}}',
      options: decideHashOptions({ options: { language: 'en' }, selectionMode: 'auto', contexts }),
    }).hash;

  it('changes with the text of a context and not with the order they are found in', () => {
    const [a, b] = [
      { name: 'l', sha256: 'a'.repeat(64) },
      { name: 'm', sha256: 'b'.repeat(64) },
    ];
    expect(hashWith([a, b])).toBe(hashWith([b, a]));
    expect(hashWith([a])).not.toBe(hashWith([{ ...a, sha256: 'c'.repeat(64) }]));
    expect(hashWith([])).toBe(
      promptHash({ kind: 'text', request_type: 'quiz', prompt: 'Make a quiz of {{context:l}}', options: { language: 'en' } }).hash,
    );
  });

  it('can be read back from the options, and nobody can set it', () => {
    const options = decideHashOptions({
      selectionMode: 'auto',
      contexts: [
        { name: 'z', sha256: '1' },
        { name: 'a', sha256: '2' },
      ],
    });
    expect(contextsOf(options)).toEqual([
      { name: 'a', sha256: '2' },
      { name: 'z', sha256: '1' },
    ]);
    expect(contextsOf({})).toEqual([]);
    expect(codeOf(() => parseTextRequest({ request_type: 'quiz', prompt: 'x', options }))).toContain('contexts');
  });
});

describe('writeContexts', () => {
  it('puts the texts first and names them in words where the request refers to them', () => {
    const options: Record<string, Json> = { language: 'en', system: 'Know {{context:B}}.', topic: '{{context:b}}' };
    expect(
      writeContexts({ prompt: 'Quiz on {{context:b}}', options }, [
        { name: 'a', text: 'One' },
        { name: 'b', text: 'Two $& {{context:x}}' },
      ]),
    ).toEqual({
      context: '<context name="a">\nOne\n</context>\n\n<context name="b">\nTwo $& {{context:x}}\n</context>',
      prompt: 'Quiz on the context "b"',
      options: { language: 'en', system: 'Know the context "b".', topic: '{{context:b}}' },
    });
  });

  it('keeps names as they are stored', () => {
    expect(toContextName(' N5.Grammar ')).toBe('n5.grammar');
  });
});
