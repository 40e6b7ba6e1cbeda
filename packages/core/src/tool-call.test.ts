import { describe, expect, it } from 'vitest';
import { isShareable } from './decide-hash-options.ts';
import { fillToolCalls, plainToolTexts } from './tool-call.ts';
import type { Json } from './request.ts';

const result = (content: string): Json => [{ role: 'tool', tool_call_id: 'a', content }];
const calling = (text: string): Json => [
  { role: 'assistant', content: '', tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: text } }] },
];

describe('conversations with calls of functions', () => {
  it('are read with their letters as letters, so that a name cannot hide in an escape', () => {
    expect(plainToolTexts(result(String.raw`{"to":"Jos\u00e9\u0040x.org","face":"\ud83d\ude00"}`))).toEqual(
      result('{"to":"José@x.org","face":"😀"}'),
    );
    expect(plainToolTexts(calling(String.raw`{"to":"\u30c6"}`))).toEqual(calling('{"to":"テ"}'));
  });

  it('keep every escape that JSON needs, every number, and what is no JSON', () => {
    for (const text of [
      String.raw`{"a":"\u0022 \u005c \u0000 \ud83d \\u0041 \n","n":12345678901234567890}`,
      String.raw`not JSON \u0041`,
      '{"plain": 1}',
    ])
      expect(plainToolTexts(result(text))).toEqual(result(text));
    expect(plainToolTexts(result(String.raw`"\\\u0041"`))).toEqual(result(String.raw`"\\A"`));
  });

  it('leave all other messages alone', () => {
    const messages: Json = [{ role: 'user', content: String.raw`{"a":"\u0041"}` }, 7];
    expect(plainToolTexts(messages)).toEqual(messages);
    expect(plainToolTexts('x')).toBe('x');
  });

  it('are their own caller’s, with or without tools for the next turn', () => {
    expect(isShareable({ messages: calling('{}') })).toBe(false);
    expect(isShareable({ messages: result('sunny') })).toBe(false);
    expect(isShareable({ messages: [{ role: 'user', content: 'Hi' }] })).toBe(true);
  });
});

describe('calls of functions', () => {
  const values = [{ token: '⟦NAME_1⟧', kind: 'NAME' as const, value: 'Ann "Nan" O\\Neil' }];
  const filled = (text: string): string | undefined => fillToolCalls([{ id: 'a', name: 'f', arguments: text }], values)[0]?.arguments;

  it('get personal data back as a value, whatever quotes are in it', () => {
    const text = filled('{"to":{"⟦NAME_1⟧":["⟦NAME_1⟧!",1,null]}}');
    expect(JSON.parse(text ?? '')).toEqual({ to: { [values[0]?.value ?? '']: [`${values[0]?.value}!`, 1, null] } });
  });

  it('keep their text as the model wrote it where there is nothing to put back', () => {
    expect(filled('{ "n": 12345678901234567890 }')).toBe('{ "n": 12345678901234567890 }');
    expect(filled('not JSON ⟦NAME_1⟧')).toBe('not JSON Ann "Nan" O\\Neil');
  });
});
