/** The plain format: `{"prompt", "completion", "tags"}`. The prompt is the caller's own, without the sentences its options add. */
import { z } from 'zod';
import type { TrainingFormatRules } from '../training-format-rules.ts';
import { findShapeFault } from './find-shape-fault.ts';
import { joinedPrompt } from './joined-prompt.ts';

const Line = z.strictObject({ prompt: z.string().min(1), completion: z.string().min(1), tags: z.array(z.string().min(1)) });

export const promptCompletion: TrainingFormatRules = {
  weights: 'repetition',
  limits: {},
  render: (example) => ({ prompt: joinedPrompt(example), completion: example.completion, tags: [...example.tags] }),
  findFault: (line) => findShapeFault(Line, line),
};
