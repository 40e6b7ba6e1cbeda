import { expect, it } from 'vitest';
import { labelExample, toTag } from './label-example.ts';
import type { Json } from './request.ts';

const labels = (requestType: string, options: Record<string, Json>) => labelExample({ requestType, prompt: 'p', options });

it.each([
  [{ difficulty: 'Easy' }, 'easy'],
  [{ level: 'JLPT N3' }, 'medium'],
  [{ jlpt_level: 'N1' }, 'hard'],
  [{ cefr: 'b2' }, 'medium'],
  [{ difficulty: 'surprising' }, null],
  [{}, null],
])('%o is of difficulty %s', (options, difficulty) => {
  expect(labels('quiz', options as Record<string, Json>).difficulty).toBe(difficulty);
});

it('takes tags from the request type, subjects, languages and levels, each once and in order', () => {
  const { tags } = labels('quiz_generation', {
    subject: 'Grammar',
    topics: ['Particles は', 'grammar'],
    language: 'ja-JP',
    jlpt_level: 'N5',
    temperature: 0.5,
  });
  expect(tags).toEqual(['grammar', 'ja', 'jlpt_n5', 'particles_は', 'quiz_generation']);
});

it('makes one tag of every way to write it', () => {
  expect(['JLPT N5', 'jlpt-n5', '  jlpt_n5 '].map(toTag)).toEqual(['jlpt_n5', 'jlpt_n5', 'jlpt_n5']);
});
