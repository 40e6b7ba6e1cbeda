import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillBack } from './fill-back.ts';
import type { Placeholder } from './placeholder.ts';
import { createStreamFiller } from './stream-filler.ts';

const VALUES: Placeholder[] = [
  { token: '⟦EMAIL_1⟧', kind: 'EMAIL', value: 'a$&@x.de' },
  { token: '⟦EMAIL_1.2⟧', kind: 'EMAIL', value: 'A@x.de' },
  { token: '⟦NAME_1⟧', kind: 'NAME', value: '山田⟦太郎⟧' },
  { token: '⟦LEFT_1⟧', kind: 'LEFT', value: '⟦' },
];

describe('fillBack', () => {
  test('puts the values back as they are, each as often as the answer names it', () => {
    expect(fillBack('Dear ⟦NAME_1⟧ (⟦EMAIL_1⟧, ⟦EMAIL_1.2⟧): ⟦LEFT_1⟧ ⟦NAME_1⟧', VALUES)).toEqual({
      text: 'Dear 山田⟦太郎⟧ (a$&@x.de, A@x.de): ⟦ 山田⟦太郎⟧',
      foreign: false,
    });
  });

  test('does not look for placeholders inside the values', () => {
    const values: Placeholder[] = [
      { token: '⟦NAME_1⟧', kind: 'NAME', value: '⟦NAME_2⟧' },
      { token: '⟦NAME_2⟧', kind: 'NAME', value: 'Ann' },
    ];
    expect(fillBack('⟦NAME_1⟧ ⟦NAME_2⟧', values).text).toBe('⟦NAME_2⟧ Ann');
  });

  test.each([
    ['a placeholder the request did not have', '⟦EMAIL_2⟧', '⟦EMAIL_2⟧'],
    ['another spelling the request did not have', '⟦EMAIL_1.3⟧', '⟦EMAIL_1.3⟧'],
    ['another case', 'to ⟦email_1⟧', 'to a$&@x.de'],
    ['spaces and full-width letters inside', '⟦ ＥＭＡＩＬ_1 ⟧', 'a$&@x.de'],
    ['a missing end', 'to ⟦EMAIL_1', 'to ⟦EMAIL_1'],
    ['a missing beginning', 'to EMAIL_1⟧', 'to EMAIL_1⟧'],
    ['other brackets', '[EMAIL_1]', '[EMAIL_1]'],
    ['no brackets', 'Write to email_1 now', 'Write to email_1 now'],
    ['a bracket of its own', 'x ⟧ y', 'x ⟧ y'],
    ['a bracket around another', '⟦⟦EMAIL_1⟧', '⟦a$&@x.de'],
  ])('calls an answer foreign with %s', (_case, answer, text) => {
    expect(fillBack(answer, VALUES)).toEqual({ text, foreign: true });
  });

  test('calls any placeholder foreign when the request had no values, and nothing else', () => {
    expect(fillBack('⟦EMAIL_1⟧', [])).toEqual({ text: '⟦EMAIL_1⟧', foreign: true });
    expect(fillBack('const EMAIL_1 = "";', [])).toEqual({ text: 'const EMAIL_1 = "";', foreign: false });
  });

  test('does not mind words that look like a kind the request did not have', () => {
    expect(fillBack('CARD_1 and PHONE_2', VALUES).foreign).toBe(false);
  });
});

describe('createStreamFiller', () => {
  test('lets text flow at once and holds back an open bracket until it closes', () => {
    const filler = createStreamFiller(VALUES);
    expect(filler.push('Dear ')).toBe('Dear ');
    expect(filler.push('friend ⟦NA')).toBe('friend ');
    expect(filler.push('ME_1')).toBe('');
    expect(filler.push('⟧, hello')).toBe('山田⟦太郎⟧, hello');
    expect(filler.end()).toBe('');
    expect(filler.foreign).toBe(false);
  });

  test('lets go of a bracket that cannot become a placeholder any more', () => {
    const filler = createStreamFiller(VALUES);
    expect(filler.push(`⟦${'x'.repeat(50)}`)).toBe(`⟦${'x'.repeat(50)}`);
    expect(filler.foreign).toBe(true);
  });

  test('gives what it holds at the end, and calls it foreign', () => {
    const filler = createStreamFiller(VALUES);
    expect(filler.push('to ⟦EMAIL_1')).toBe('to ');
    expect(filler.end()).toBe('⟦EMAIL_1');
    expect(filler.foreign).toBe(true);
  });

  test('makes of any pieces what fillBack makes of the whole', () => {
    const piece = fc.constantFrom(
      '⟦',
      '⟧',
      '⟦EMAIL_1⟧',
      '⟦EMAIL_1.2⟧',
      '⟦name_1⟧',
      'EMAIL_',
      'NAME',
      '_1',
      '1',
      '⟦LEFT_1⟧',
      ' text ',
      'x'.repeat(39),
      '山',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat(100)), (parts, cuts) => {
        const whole = parts.join('');
        const ends = [...cuts.map((cut) => cut % (whole.length + 1)), whole.length].toSorted((one, other) => one - other);
        const filler = createStreamFiller(VALUES);
        let from = 0;
        let streamed = '';
        for (const end of ends) {
          streamed += filler.push(whole.slice(from, end));
          from = end;
        }
        streamed += filler.end();
        expect({ text: streamed, foreign: filler.foreign }).toEqual(fillBack(whole, VALUES));
      }),
      { numRuns: 2000 },
    );
  });
});
