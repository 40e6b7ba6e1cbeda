import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanOptions, IDENTITY_KEYS, MAX_OPTION_DEPTH } from './clean-options.ts';

/** Options whose nesting, the options object included, is `depth`. */
function nested(depth: number): Record<string, unknown> {
  return depth <= 1 ? { leaf: 1 } : { inner: nested(depth - 1) };
}

describe('cleanOptions', () => {
  it('drops identity keys, null values and case_sensitive', () => {
    const identity = Object.fromEntries([...IDENTITY_KEYS].map((key) => [key, 42]));
    expect(cleanOptions({ ...identity, language: 'ja', none: null, missing: undefined, case_sensitive: true })).toEqual({ language: 'ja' });
  });

  it('keeps null values and identity-like names below the top level, where they are part of the question', () => {
    const options = { response_format: { endpoint: { default: null } }, list: [null, { user_id: 1 }] };
    expect(cleanOptions(options)).toEqual(options);
  });

  it('composes every string and every key', () => {
    expect(cleanOptions({ 'cafe\u0301': ['e\u0301', { a: 'e\u0301' }] })).toEqual({ 'caf\u00e9': ['\u00e9', { a: '\u00e9' }] });
  });

  it('refuses two keys that differ only in Unicode form', () => {
    expect(() => cleanOptions({ 'e\u0301': 1, '\u00e9': 2 })).toThrow(/REQUEST_INVALID.*same key twice/);
    expect(() => cleanOptions({ deep: { 'e\u0301': 1, '\u00e9': 2 } })).toThrow(/options\.deep has the same key twice/);
  });

  it('treats __proto__ as plain data and pollutes nothing', () => {
    const options: unknown = JSON.parse(
      '{"__proto__": {"polluted": 1}, "deep": {"__proto__": 2, "constructor": {"prototype": {"polluted": 1}}}}',
    );
    const cleaned = cleanOptions(options as Record<string, unknown>);
    expect(Object.keys(cleaned)).toEqual(['__proto__', 'deep']);
    expect(JSON.stringify(cleaned)).toBe('{"__proto__":{"polluted":1},"deep":{"__proto__":2,"constructor":{"prototype":{"polluted":1}}}}');
    expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('polluted');
  });

  it('allows exactly the depth the contract names', () => {
    expect(() => cleanOptions(nested(MAX_OPTION_DEPTH))).not.toThrow();
    expect(() => cleanOptions(nested(MAX_OPTION_DEPTH + 1))).toThrow(/REQUEST_INVALID: options are nested deeper than 8 levels/);
  });

  it('lets a JSON schema nest deeper, but not without end', () => {
    expect(() => cleanOptions({ response_format: nested(20) })).not.toThrow();
    expect(() => cleanOptions({ response_format: nested(60) })).toThrow(/deeper than 32/);
  });

  it('stops at the depth limit of a cycle instead of running for ever', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(() => cleanOptions(cycle)).toThrow(/nested deeper/);
  });

  it.each([
    ['NaN', { a: Number.NaN }, /options\.a is not a finite number/],
    ['Infinity in a list', { a: [1, Number.POSITIVE_INFINITY] }, /options\.a\[1\] is not a finite number/],
    ['U+0000 in a value', { a: { b: 'x\0' } }, /options\.a\.b contains the character U\+0000/],
    ['U+0000 in a key', { 'a\0': 1 }, /a key of options contains/],
    ['half a surrogate pair', { a: ['\ud800'] }, /options\.a\[0\] contains half/],
    ['a bigint', { a: 1n }, /options\.a is a bigint/],
    ['a function', { a: () => 1 }, /options\.a is a function/],
    ['a date', { a: new Date(0) }, /options\.a is not a JSON value/],
    ['undefined in a list', { a: [undefined] }, /options\.a\[0\] is a undefined/],
    ['a list for the options', [] as unknown as Record<string, unknown>, /options must be a JSON object/],
    ['text for the options', 'x' as unknown as Record<string, unknown>, /options must be a JSON object/],
  ])('refuses %s', (_name, options, message) => {
    expect(() => cleanOptions(options)).toThrow(message);
  });

  it('keeps every other JSON value as it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^x[a-z]{0,6}$/), fc.jsonValue({ maxDepth: 5, noUnicodeString: true })), (options) => {
        const kept = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
        expect(JSON.parse(JSON.stringify(cleanOptions(options)))).toEqual(JSON.parse(JSON.stringify(kept)));
      }),
    );
  });
});
