import { fillBack, type Placeholder } from '@ai-core/core';
import type { StreamMessage } from '@ai-core/queue';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIncomingText, type IncomingText } from './incoming-text.ts';

const VALUES: Placeholder[] = [{ token: '⟦NAME_1⟧', kind: 'NAME', value: '山田' }];

/** What a listener has on its screen. */
function screen(incoming: IncomingText) {
  let shown = '';
  let resets = 0;
  return {
    read(): string {
      for (let portion = incoming.next(); portion !== undefined; portion = incoming.next()) {
        if (portion.type === 'delta') shown += portion.text;
        else {
          shown = '';
          resets++;
        }
      }
      return shown;
    },
    finish(whole: string): string {
      for (const portion of incoming.finish(whole)) {
        if (portion.type === 'delta') shown += portion.text;
        else {
          shown = '';
          resets++;
        }
      }
      return shown;
    },
    resets: () => resets,
  };
}

const delta = (from: number, text: string, fence = 1): StreamMessage => ({ type: 'delta', fence, from, text });

describe('createIncomingText', () => {
  it('holds a placeholder back until it is whole and gives this caller its own value', () => {
    const incoming = createIncomingText(VALUES, () => undefined);
    const seen = screen(incoming);
    incoming.take(delta(0, 'Dear ⟦NA'));
    expect(seen.read()).toBe('Dear ');
    incoming.take(delta(8, 'ME_1⟧, hello'));
    expect(seen.read()).toBe('Dear 山田, hello');
  });

  it('takes what it has missed from a repetition, and asks for it once', () => {
    const gaps: number[] = [];
    const incoming = createIncomingText([], (from) => gaps.push(from));
    const seen = screen(incoming);
    incoming.take(delta(4, 'two '));
    incoming.take(delta(8, 'three'));
    expect(seen.read()).toBe('');
    expect(gaps).toEqual([0]);
    incoming.take(delta(0, 'one two three'));
    incoming.take(delta(8, 'three'));
    expect(seen.read()).toBe('one two three');
    incoming.take(delta(20, '!'));
    expect(gaps).toEqual([0, 13]);
  });

  it('takes everything back when the attempt has failed, and only if something was shown', () => {
    const incoming = createIncomingText([], () => undefined);
    const seen = screen(incoming);
    incoming.take(delta(0, 'wrong'));
    incoming.take({ type: 'reset', fence: 1 });
    incoming.take(delta(0, 'wrong', 1));
    expect([seen.read(), seen.resets()]).toEqual(['', 0]);
    incoming.take(delta(0, 'wrong again', 2));
    expect(seen.read()).toBe('wrong again');
    incoming.take({ type: 'reset', fence: 2 });
    incoming.take(delta(0, 'right', 3));
    expect([seen.read(), seen.resets()]).toEqual(['right', 1]);
  });

  it('begins anew with a later attempt whose predecessor died without a word', () => {
    const incoming = createIncomingText([], () => undefined);
    const seen = screen(incoming);
    incoming.take(delta(0, 'half of an answ', 1));
    seen.read();
    incoming.take(delta(0, 'whole', 4));
    expect([seen.read(), seen.resets()]).toEqual(['whole', 1]);
  });

  it('ends in the whole answer whatever came before it', () => {
    const incoming = createIncomingText([], () => undefined);
    const seen = screen(incoming);
    incoming.take(delta(0, 'The answer'));
    seen.read();
    expect([seen.finish('Another answer'), seen.resets()]).toEqual(['Another answer', 1]);
  });

  it('shows the answer as it is, filled back, for any loss, repetition, order and failure of pieces', () => {
    const text = 'Dear ⟦NAME_1⟧, 漢字 🎓 and ⟦LEFT_1 are here. '.repeat(3);
    const message: fc.Arbitrary<StreamMessage> = fc.oneof(
      {
        weight: 9,
        arbitrary: fc
          .tuple(fc.nat(text.length), fc.nat(40), fc.integer({ min: 1, max: 3 }))
          .map(([from, length, fence]) => delta(from, text.slice(from, from + length), fence)),
      },
      { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }).map((fence): StreamMessage => ({ type: 'reset', fence })) },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(message, fc.boolean()), { maxLength: 40 }), (messages) => {
        const incoming = createIncomingText(VALUES, () => undefined);
        const seen = screen(incoming);
        const whole = fillBack(text, VALUES).text;
        for (const [next, read] of messages) {
          incoming.take(next);
          if (read) expect(whole.startsWith(seen.read())).toBe(true);
        }
        expect(seen.finish(whole)).toBe(whole);
      }),
      { numRuns: 500 },
    );
  });
});
