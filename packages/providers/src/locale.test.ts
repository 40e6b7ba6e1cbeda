import { describe, expect, it } from 'vitest';
import { primaryTag, toLocale } from './locale.ts';

describe('toLocale', () => {
  it.for([
    ['ja', 'ja-JP'],
    ['en', 'en-US'],
    ['en-gb', 'en-GB'],
    ['pt', 'pt-BR'],
    ['zh', 'cmn-CN'],
    ['no tag at all', 'no tag at all'],
  ] as const)('makes of %s %s', ([language, locale]) => {
    expect(toLocale(language)).toBe(locale);
  });

  it('knows the language without its region', () => {
    expect(primaryTag('JA-jp')).toBe('ja');
  });
});
