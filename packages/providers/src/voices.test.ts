import { describe, expect, it } from 'vitest';
import { chooseVoice } from './choose-voice.ts';
import { primaryTag, toLocale } from './locale.ts';

const capabilities = { defaultVoices: { 'en-gb': 'british', en: 'english', '*': 'any' } };

describe('chooseVoice', () => {
  it('takes the voice of the caller before all others', () => {
    expect(chooseVoice({ voice: 'Lily', language: 'en', capabilities })).toBe('Lily');
  });

  it('takes the nearest voice of the configuration for the language', () => {
    expect(chooseVoice({ voice: null, language: 'en-GB', capabilities })).toBe('british');
    expect(chooseVoice({ voice: null, language: 'en-US', capabilities })).toBe('english');
    expect(chooseVoice({ voice: null, language: 'ja', capabilities })).toBe('any');
    expect(chooseVoice({ voice: null, language: 'ja', capabilities: {} })).toBeUndefined();
  });
});

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
