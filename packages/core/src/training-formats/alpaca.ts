/** Alpaca's instruction, input and output: the instructions of the request are the instruction, what was asked is the input. */
import { z } from 'zod';
import type { TrainingFormatRules } from '../training-format-rules.ts';
import { findShapeFault } from './find-shape-fault.ts';
import { joinedPrompt } from './joined-prompt.ts';

const Line = z.strictObject({
  instruction: z.string().min(1),
  input: z.string(),
  output: z.string().min(1),
  weight: z.number().positive(),
});

export const alpaca: TrainingFormatRules = {
  weights: 'field',
  limits: {},
  render({ system, messages, completion, weight }) {
    const prompt = joinedPrompt({ messages });
    const question = system === '' ? { instruction: prompt, input: '' } : { instruction: system, input: prompt };
    return { ...question, output: completion, weight };
  },
  findFault: (line) => findShapeFault(Line, line),
};
