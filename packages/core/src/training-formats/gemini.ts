/** The format of supervised tuning of Gemini on Vertex AI: `systemInstruction` and `contents` with the roles user and model. */
import { z } from 'zod';
import type { TrainingMessage } from '../training-example.ts';
import type { TrainingFormatRules } from '../training-format-rules.ts';
import { findShapeFault } from './find-shape-fault.ts';

const Parts = z.array(z.strictObject({ text: z.string().min(1) })).length(1);
const Line = z.strictObject({
  systemInstruction: z.strictObject({ role: z.literal('system'), parts: Parts }).optional(),
  contents: z
    .array(z.strictObject({ role: z.enum(['user', 'model']), parts: Parts }))
    .min(2)
    .refine((contents) => contents[0]?.role === 'user', 'the first turn must be the user’s')
    .refine((contents) => contents.at(-1)?.role === 'model', 'the last turn must be the model’s')
    .refine(
      (contents) => contents.every(({ role }, turn) => role === (turn % 2 === 0 ? 'user' : 'model')),
      'user and model must take turns',
    ),
});

/** Turns of one role after another become one turn. */
function takeTurns(messages: readonly TrainingMessage[]): TrainingMessage[] {
  const turns: TrainingMessage[] = [];
  for (const message of messages) {
    const last = turns.at(-1);
    if (last?.role !== message.role) turns.push(message);
    else turns[turns.length - 1] = { role: last.role, content: `${last.content}\n\n${message.content}` };
  }
  return turns;
}

export const gemini: TrainingFormatRules = {
  weights: 'repetition',
  // 1 GB a file, 131,072 tokens an example, 5,000 validation examples.
  limits: { fileBytes: 1_000_000_000, exampleTokens: 131_072, validationExamples: 5_000 },
  render({ system, messages, completion }) {
    const turns = takeTurns([...messages, { role: 'assistant', content: completion }]);
    if (turns[0]?.role !== 'user') return null;
    return {
      ...(system === '' ? {} : { systemInstruction: { role: 'system', parts: [{ text: system }] } }),
      contents: turns.map(({ role, content }) => ({ role: role === 'user' ? 'user' : 'model', parts: [{ text: content }] })),
    };
  },
  findFault: (line) => findShapeFault(Line, line),
};
