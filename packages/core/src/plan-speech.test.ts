import { describe, expect, it } from 'vitest';
import { planSpeech } from './plan-speech.ts';
import { splitSpeech } from './split-speech.ts';

const sentences = (count: number): string => Array.from({ length: count }, (_, index) => `This is sentence number ${index}. `).join('');
const ELEVENLABS = { language: 'en', limit: { amount: 10_000, unit: 'characters' } } as const;

describe('planSpeech', () => {
  it('leaves whole what is short and fits', () => {
    expect(planSpeech(` ${sentences(150)}`, ELEVENLABS)).toEqual([sentences(150).trim()]);
  });

  it('cuts what is long although it would fit', () => {
    const text = sentences(300);
    expect(text.length).toBeLessThan(ELEVENLABS.limit.amount);
    expect(planSpeech(text, ELEVENLABS)).toEqual(splitSpeech(text, ELEVENLABS));
    expect(planSpeech(text, ELEVENLABS).length).toBeGreaterThan(1);
  });

  it('cuts what is short and does not fit', () => {
    const limit = { amount: 400, unit: 'bytes' } as const;
    expect(planSpeech(sentences(20), { language: 'en', limit }).length).toBeGreaterThan(1);
  });

  it('has nothing to say of white space', () => {
    expect(planSpeech(' \n', ELEVENLABS)).toEqual([]);
  });
});
