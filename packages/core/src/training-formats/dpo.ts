/** Pairs for direct preference optimisation in OpenAI's form: only questions with a rejected answer and a better one. */
import { z } from 'zod';
import type { TrainingFormatRules } from '../training-format-rules.ts';
import { findShapeFault } from './find-shape-fault.ts';

const Answer = z.array(z.strictObject({ role: z.literal('assistant'), content: z.string().min(1) })).length(1);
const Line = z
  .strictObject({
    input: z.strictObject({
      messages: z
        .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string().min(1) }))
        .min(1)
        .refine((messages) => messages.at(-1)?.role === 'user', 'the input must end with the user'),
    }),
    preferred_output: Answer,
    non_preferred_output: Answer,
  })
  .refine((line) => line.preferred_output[0]?.content !== line.non_preferred_output[0]?.content, 'both answers are the same');

export const dpo: TrainingFormatRules = {
  weights: 'none',
  limits: { fileBytes: 512 * 1_024 * 1_024, exampleTokens: 65_536, fewestExamples: 10 },
  render({ system, messages, completion, rejected }) {
    if (rejected === undefined || rejected.trim() === '' || rejected === completion || messages.at(-1)?.role !== 'user') return null;
    const instructions = system === '' ? [] : [{ role: 'system', content: system }];
    return {
      input: { messages: [...instructions, ...messages] },
      preferred_output: [{ role: 'assistant', content: completion }],
      non_preferred_output: [{ role: 'assistant', content: rejected }],
    };
  },
  findFault: (line) => findShapeFault(Line, line),
};
