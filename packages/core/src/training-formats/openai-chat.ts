/**
 * OpenAI's chat format for supervised fine-tuning, which most trainers read. OpenAI weighs a message with 0 or 1 only, so other weights
 * are said by repetition.
 */
import { z } from 'zod';
import type { TrainingFormatRules } from '../training-format-rules.ts';
import { findShapeFault } from './find-shape-fault.ts';

const Line = z.strictObject({
  messages: z
    .array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string().min(1) }))
    .min(2)
    .refine((messages) => messages.at(-1)?.role === 'assistant', 'the last message must be the assistant’s')
    .refine((messages) => messages.some(({ role }) => role === 'user'), 'there must be a message of the user')
    .refine((messages) => messages.slice(1).every(({ role }) => role !== 'system'), 'the system message must be the first'),
});

export const openaiChat: TrainingFormatRules = {
  weights: 'repetition',
  // Files of at most 512 MB, at least 10 examples; an example beyond the training context of the small models is cut.
  limits: { fileBytes: 512 * 1_024 * 1_024, exampleTokens: 65_536, fewestExamples: 10 },
  render({ system, messages, completion }) {
    const instructions = system === '' ? [] : [{ role: 'system', content: system }];
    return { messages: [...instructions, ...messages, { role: 'assistant', content: completion }] };
  },
  findFault: (line) => findShapeFault(Line, line),
};
