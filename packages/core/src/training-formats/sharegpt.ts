/** ShareGPT's conversations, as axolotl, LLaMA-Factory and unsloth read them. */
import { z } from 'zod';
import type { TrainingFormatRules } from '../training-format-rules.ts';
import { findShapeFault } from './find-shape-fault.ts';

const Line = z.strictObject({
  conversations: z
    .array(z.strictObject({ from: z.enum(['system', 'human', 'gpt']), value: z.string().min(1) }))
    .min(2)
    .refine((turns) => turns.at(-1)?.from === 'gpt', 'the last turn must be gpt’s'),
  weight: z.number().positive(),
});

export const sharegpt: TrainingFormatRules = {
  weights: 'field',
  limits: {},
  render({ system, messages, completion, weight }) {
    const instructions = system === '' ? [] : [{ from: 'system', value: system }];
    const turns = messages.map(({ role, content }) => ({ from: role === 'user' ? 'human' : 'gpt', value: content }));
    return { conversations: [...instructions, ...turns, { from: 'gpt', value: completion }], weight };
  },
  findFault: (line) => findShapeFault(Line, line),
};
