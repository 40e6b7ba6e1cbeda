import { describe, expect, it } from 'vitest';
import { BUILT_IN_REQUEST_TYPES, resolvePolicy } from './request-type-policy.ts';

describe('resolvePolicy', () => {
  it.each([
    ['podcast_script', 'normal', 'loose'],
    ['report', 'normal', 'loose'],
    ['lesson_script', 'normal', 'loose'],
    ['chat', 'cheap', 'exact'],
    ['tts_audio', 'cheap', 'exact'],
    ['quiz_generation', 'cheap', 'loose'],
    ['anything_new', 'cheap', 'loose'],
    ['constructor', 'cheap', 'loose'],
  ])('gives %s the tier %s and the normalization %s', (requestType, tier, normalization) => {
    expect(resolvePolicy([], requestType)).toMatchObject({
      requestType,
      tier,
      normalization,
      qualityFloor: 0,
      maxPromptCharacters: 1_000_000,
      expiresAfterDays: null,
    });
  });

  it('lets a row change what it names and nothing else', () => {
    const row = { requestType: 'report', qualityFloor: 0.8, expiresAfterDays: 30, tier: null };
    expect(resolvePolicy([row], 'report')).toEqual({ ...resolvePolicy([], 'report'), qualityFloor: 0.8, expiresAfterDays: 30 });
    expect(resolvePolicy([row], 'quiz_generation')).toEqual(resolvePolicy([], 'quiz_generation'));
  });

  it('lets a row set zero', () => {
    expect(resolvePolicy([{ requestType: 'test', expiresAfterDays: 0 }], 'test').expiresAfterDays).toBe(0);
  });

  it('names the types that differ from the ordinary', () => {
    const { requestType: _type, ...ordinary } = resolvePolicy([], 'x');
    for (const type of BUILT_IN_REQUEST_TYPES) expect(resolvePolicy([], type)).not.toMatchObject(ordinary);
  });
});
