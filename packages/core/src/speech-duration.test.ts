import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { speechDuration } from './speech-duration.ts';

describe('speechDuration', () => {
  it.for([
    // A minute of reading aloud: 160-180 words of English, 300-400 characters of Japanese, 250-300 of Chinese.
    ['en', 'The quick brown fox jumps over the lazy dog near the river bank today. '.repeat(12), 40, 80],
    ['ja', '今日は朝から雨が降っていたので、家で本を読みました。'.repeat(14), 40, 80],
    ['zh-CN', '今天早上一直在下雨所以我在家里看书。'.repeat(15), 40, 80],
    ['ko', '오늘은 아침부터 비가 와서 집에서 책을 읽었습니다. '.repeat(13), 35, 80],
  ] as const)('guesses a minute of %s', ([language, text, least, most]) => {
    const { seconds } = speechDuration(text, { language });
    expect(seconds).toBeGreaterThan(least);
    expect(seconds).toBeLessThan(most);
  });

  it('counts digits as the words they are read as', () => {
    expect(speechDuration('2026', { language: 'en' }).seconds).toBeGreaterThan(1);
  });

  it('allows symbols to be read out and to be left out', () => {
    const without = speechDuration('Well done!', { language: 'en' });
    const emoji = speechDuration('Well done! 🙂🙂🙂', { language: 'en' });
    expect(emoji.atLeastSeconds).toBe(without.atLeastSeconds);
    expect(emoji.atMostSeconds).toBe(without.atMostSeconds + 3);
  });

  it('halves with twice the speed', () => {
    const usual = speechDuration('Good morning', { language: 'en' });
    expect(speechDuration('Good morning', { language: 'en', speed: 2 }).seconds).toBeCloseTo(usual.seconds / 2);
  });

  it('has a band around every guess that is at least sixteen times as wide as it begins', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.constantFrom('en', 'ja', 'zh', '', 'x-none'), (text, language) => {
        const { seconds, atLeastSeconds, atMostSeconds } = speechDuration(text, { language });
        return atLeastSeconds <= seconds && seconds < atMostSeconds && atMostSeconds >= atLeastSeconds * 16;
      }),
    );
  });
});
