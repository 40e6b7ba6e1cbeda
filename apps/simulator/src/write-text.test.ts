import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countTokens } from './count-tokens.ts';
import type { TextOrder } from './wire.ts';
import { writeText } from './write-text.ts';

function order(prompt: string, changes: Partial<TextOrder> = {}): TextOrder {
  return {
    model: 'gpt-6-luna',
    prompt,
    input: prompt,
    maxOutputTokens: undefined,
    stream: false,
    effort: undefined,
    billsCacheWrites: true,
    json: undefined,
    tools: [],
    ...changes,
  };
}

const BUDGET = { seed: '1', budgetTokens: 4_096 };

describe('writeText', () => {
  it('writes the same text for the same seed, model and prompt, and another one for another model or seed', () => {
    const first = writeText(order('Explain particles'), BUDGET);
    expect(writeText(order('Explain particles'), BUDGET)).toEqual(first);
    expect(writeText(order('Explain particles', { model: 'gpt-6.1-terra' }), BUDGET).text).not.toBe(first.text);
    expect(writeText(order('Explain particles'), { ...BUDGET, seed: '2' }).text).not.toBe(first.text);
  });

  it('answers about the subject of the prompt, in the language of the prompt', () => {
    expect(writeText(order('Please explain photosynthesis'), BUDGET).text).toContain('photosynthesis');
    expect(writeText(order('助詞を説明して'), BUDGET).text).toMatch(/[\u3040-\u30ff]/);
    expect(writeText(order('Explain particles', { input: 'Answer in Japanese (ja).\nExplain particles' }), BUDGET).text).toMatch(
      /[\u3040-\u30ff]/,
    );
  });

  it('writes to the people whose placeholders are in the prompt, and never repeats a fault mark', () => {
    const { text } = writeText(order('Write to ⟦EMAIL_1⟧ and ⟦PERSON_2⟧ [[fault:kill]]'), BUDGET);
    expect(text).toContain('⟦EMAIL_1⟧, ⟦PERSON_2⟧');
    expect(text).not.toContain('fault');
  });

  it('stays within the token budget, and says so when it could not finish', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'Z', ' ', '\n', '7', 'é', '日', 'か', '😀', '\u0000', '\ud83d', '[', ']') }),
        fc.integer({ min: 1, max: 500 }),
        (prompt, budgetTokens) => {
          const { text, outcome } = writeText(order(prompt), { seed: '1', budgetTokens });
          expect(countTokens(text)).toBeLessThanOrEqual(budgetTokens);
          if (budgetTokens >= 100) expect(outcome).toBe('complete');
          if (outcome === 'complete') expect(text).not.toBe('');
        },
      ),
    );
  });

  it('writes JSON that fits the schema when JSON is asked for', () => {
    const schema = {
      type: 'object',
      properties: {
        title: { type: 'string' },
        level: { enum: ['easy', 'hard'] },
        questions: { type: 'array', minItems: 3, items: { type: 'integer', minimum: 5, maximum: 9 } },
      },
    };
    const value = JSON.parse(writeText(order('Quiz', { json: { schema } }), BUDGET).text) as {
      title: string;
      level: string;
      questions: number[];
    };
    expect(Object.keys(value)).toEqual(['title', 'level', 'questions']);
    expect(['easy', 'hard']).toContain(value.level);
    expect(value.questions.length).toBeGreaterThanOrEqual(3);
    for (const number of value.questions) expect(number).toSatisfy((entry: number) => Number.isInteger(entry) && entry >= 5 && entry <= 9);
  });
});
