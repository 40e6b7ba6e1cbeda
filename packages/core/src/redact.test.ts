import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AiCoreError } from './errors.ts';
import { fillBack } from './redact/fill-back.ts';
import { hasPersonalData } from './redact/placeholder.ts';
import { redact, redactJson } from './redact.ts';
import type { Json } from './request.ts';

const MAILS = ['taro@example.jp', 'TARO@EXAMPLE.JP', '花子＠example.jp', 'a(at)b.de', 'x%40y.org', '@', '＠', '.', 'com'];
const PHONES = [
  '090-1234-5678',
  '０９０−１２３４−５６７８',
  '+81 90-1234-5678',
  '(212) 555-0187',
  '030 901820',
  'tel',
  '電話',
  '+',
  '0',
  '7',
  '12',
  '0ー1',
];
const NUMBERS = [
  '4111 1111 1111 1111',
  '378282246310005',
  'DE89 3704 0044 0532 0130 00',
  'iban',
  '192.168.10.24',
  '2001:db8::7',
  ':',
  'fe80::1',
];
const SECRETS = [
  '219-09-9999',
  'マイナンバー',
  '123456789018',
  'sk-abcd1234efgh5678ijkl9012',
  'token=',
  'AKIAIOSFODNN7EXAMPLE',
  'https://a:b1c2d3@h',
];
const NAME_FORMS = [
  '山田太郎',
  '山田 太郎',
  'Ann Lee',
  'ANN-LEE',
  'Annabel',
  'ｱ',
  'ﾞ',
  '\u0301',
  '\u200b',
  '\u00ad',
  '\ufe0f',
  'ﷺ',
  '㍿',
  '½',
  '①',
];
const BRACKETS = ['⟦', '⟧', '⟦EMAIL_1⟧', '⟦EMAIL_1.2⟧', '⟦LEFT_1⟧', '⟦NAME_2⟧', '⟦ＥＭＡＩＬ_1⟧', 'EMAIL_1'];
const PUNCTUATION = [' ', '\n', '-', '/', ')', '(', ',', 'は', 'x', '$&'];
const FRAGMENTS = [...MAILS, ...PHONES, ...NUMBERS, ...SECRETS, ...NAME_FORMS, ...BRACKETS, ...PUNCTUATION];
const APART = [
  'taro@example.jp',
  '花子＠example.jp',
  '090-1234-5678',
  '+49 171 2345678',
  '4111 1111 1111 1111',
  'DE89370400440532013000',
  '192.168.10.24',
];
const APART_TOO = ['2001:db8::8a2e:370:7334', '219-09-9999', 'sk-abcd1234efgh5678ijkl9012', '山田太郎', 'Ann Lee', 'ＡＮＮ　ＬＥＥ'];
const NAMES = ['山田太郎', 'Ann Lee'];
const anyUnits = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }).map((units) => String.fromCharCode(...units));
const text = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...FRAGMENTS) },
      { weight: 1, arbitrary: fc.oneof(anyUnits, fc.string({ unit: 'grapheme' })) },
    ),
    {
      maxLength: 24,
    },
  )
  .map((parts) => parts.join(''));

describe('redact', () => {
  test('puts a numbered placeholder where personal data stood and leaves the rest alone', () => {
    const { text: redacted, values } = redact('メールは花子＠example.jp、電話は０９０−１２３４−５６７８です。N5に合格！');
    expect(redacted).toBe('メールは⟦EMAIL_1⟧、電話は⟦PHONE_1⟧です。N5に合格！');
    expect(values).toEqual([
      { token: '⟦EMAIL_1⟧', kind: 'EMAIL', value: '花子＠example.jp' },
      { token: '⟦PHONE_1⟧', kind: 'PHONE', value: '０９０−１２３４−５６７８' },
    ]);
  });

  test('numbers each kind by first appearance and gives equal values the same placeholder', () => {
    expect(redact('b@x.de a@x.de b@x.de 192.168.7.40').text).toBe('⟦EMAIL_1⟧ ⟦EMAIL_2⟧ ⟦EMAIL_1⟧ ⟦IP_1⟧');
  });

  test('gives another spelling of a value the same number, and brings each spelling back', () => {
    const original = 'taro@x.jp TARO@x.jp ｔａｒｏ@x.jp / 090-1234-5678 +81 90 1234 5678 / 4111111111111111 4111-1111-1111-1111';
    const { text: redacted, values } = redact(original);
    expect(redacted).toBe('⟦EMAIL_1⟧ ⟦EMAIL_1.2⟧ ⟦EMAIL_1.3⟧ / ⟦PHONE_1⟧ ⟦PHONE_1.2⟧ / ⟦CARD_1⟧ ⟦CARD_1.2⟧');
    expect(fillBack(redacted, values).text).toBe(original);
  });

  test('finds known names whole in spaced writing and anywhere in Japanese', () => {
    const { text: redacted } = redact('Ann met Annabel; ANN and 山田太郎さん', { knownNames: ['Ann', '山田 太郎'] });
    expect(redacted).toBe('⟦NAME_1⟧ met Annabel; ⟦NAME_1.2⟧ and ⟦NAME_2⟧さん');
  });

  test('ignores known names of one character and of white space', () => {
    expect(redact('A plan: 林檎', { knownNames: ['A', '林', '  '] })).toEqual({ text: 'A plan: 林檎', values: [] });
  });

  test.each([
    ['more than 100 names', Array.from({ length: 101 }, (_, index) => `name ${index}`), '101 names'],
    ['a name of 301 characters', ['n'.repeat(301)], '300 characters'],
  ])('refuses %s', (_case, knownNames, reason) => {
    expect(() => redact('text', { knownNames })).toThrow(AiCoreError);
    expect(() => redact('text', { knownNames })).toThrow(reason);
  });

  test('reads national telephone numbers by the region', () => {
    expect(redact('Taller: 655 12 34 56').values).toEqual([]);
    expect(redact('Taller: 655 12 34 56', { region: 'ES' }).text).toBe('Taller: ⟦PHONE_1⟧');
  });

  test('keeps a placeholder of the text itself, and numbers around it', () => {
    const { text: redacted, values } = redact('⟦EMAIL_1⟧ is not a@x.de');
    expect(redacted).toBe('⟦EMAIL_1⟧ is not ⟦EMAIL_2⟧');
    expect(fillBack(redacted, values).text).toBe('⟦EMAIL_1⟧ is not a@x.de');
  });

  test('replaces any other bracket of the text, and does not call it personal data', () => {
    const { text: redacted, values } = redact('⟦x⟧ = ⟦y⟧');
    expect(redacted).toBe('⟦LEFT_1⟧x⟦RIGHT_1⟧ = ⟦LEFT_1⟧y⟦RIGHT_1⟧');
    expect(hasPersonalData(values)).toBe(false);
    expect(hasPersonalData(redact('a@x.de').values)).toBe(true);
  });

  test('goes on with the numbering of earlier values', () => {
    const first = redact('a@x.de');
    expect(redact('b@x.de A@x.de', { values: first.values }).text).toBe('⟦EMAIL_2⟧ ⟦EMAIL_1.2⟧');
    const collision = redact('⟦EMAIL_1⟧', { values: first.values });
    expect(collision.text).toBe('⟦LEFT_1⟧EMAIL_1⟦RIGHT_1⟧');
    expect(fillBack(collision.text, collision.values).text).toBe('⟦EMAIL_1⟧');
  });

  test('does not touch a text without personal data', () => {
    const clean = 'Explain @decorators, 3.14 and the year 2024-11-22 (第3課).';
    expect(redact(clean)).toEqual({ text: clean, values: [] });
  });

  test('fills back to the very same text, whatever the text is', () => {
    fc.assert(
      fc.property(text, (original) => {
        const { text: redacted, values } = redact(original, { knownNames: NAMES });
        expect(fillBack(redacted, values).text).toBe(original);
      }),
      { numRuns: 1500 },
    );
  });

  test('changes nothing when it redacts its own output', () => {
    fc.assert(
      fc.property(text, (original) => {
        const once = redact(original, { knownNames: NAMES }).text;
        expect(redact(once, { knownNames: NAMES }).text).toBe(once);
      }),
      { numRuns: 1500 },
    );
  });

  test('leaves no value behind that stands apart from its neighbours', () => {
    const secrets = fc.constantFrom(...APART, ...APART_TOO);
    const around = fc.constantFrom('', 'Lesson 3. ', '「', '」', '\n', '{"a":"', '","b":1}', ' = ', '; ', '。次は', '<', '>', '(', ')');
    fc.assert(
      fc.property(fc.array(fc.tuple(around, secrets, fc.constantFrom('\n', '; ', '」', '"', ' | '))), (pieces) => {
        const original = pieces.flat().join('');
        const { text: redacted } = redact(original, { knownNames: NAMES });
        for (const [, secret] of pieces) expect(redacted).not.toContain(secret);
      }),
    );
  });

  test('leaves every character outside the values as it was', () => {
    fc.assert(
      fc.property(text, (original) => {
        const { text: redacted, values } = redact(original, { knownNames: NAMES });
        let position = 0;
        for (const piece of redacted.split(/(⟦[A-Z]+_[\d.]+⟧)/)) {
          const stood = values.find(({ token }) => token === piece)?.value ?? piece;
          expect(original.slice(position, position + stood.length)).toBe(stood);
          position += stood.length;
        }
        expect(position).toBe(original.length);
      }),
    );
  });
});

describe('redactJson', () => {
  const messages: Json = [
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: 'I am Ann Lee, a@x.de', level: 3, tags: ['b@x.de', null, true] },
  ];

  test('redacts every string inside and shares the numbering with the prompt', () => {
    const prompt = redact('Write to b@x.de', { knownNames: NAMES });
    const { value, values } = redactJson(messages, { knownNames: NAMES, values: prompt.values });
    expect(prompt.text).toBe('Write to ⟦EMAIL_1⟧');
    expect(value).toEqual([
      { role: 'system', content: 'Be kind.' },
      { role: 'user', content: 'I am ⟦NAME_1⟧, ⟦EMAIL_2⟧', level: 3, tags: ['⟦EMAIL_1⟧', null, true] },
    ]);
    expect(values.map(({ value: original }) => original)).toEqual(['b@x.de', 'Ann Lee', 'a@x.de']);
  });

  test('redacts the keys of nested objects and keeps the names of options', () => {
    const { value } = redactJson({ max: 1, scores: { Max: 3, 'max@x.de': 4 } }, { knownNames: ['max'] });
    expect(value).toEqual({ max: 1, scores: { '⟦NAME_1⟧': 3, '⟦EMAIL_1⟧': 4 } });
  });

  test('keeps a key named __proto__ a key', () => {
    const { value } = redactJson(JSON.parse('{"a":{"__proto__":"b@x.de"}}'));
    expect(JSON.stringify(value)).toBe('{"a":{"__proto__":"⟦EMAIL_1⟧"}}');
  });

  test('refuses a value nested deeper than 100 levels', () => {
    let deep: Json = 'a@x.de';
    for (let level = 0; level < 101; level++) deep = [deep];
    expect(() => redactJson(deep)).toThrow('100 levels');
  });
});
