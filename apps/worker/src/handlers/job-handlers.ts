import { AiCoreError, type Kind } from '@ai-core/core';
import { failJob } from '../fail-job.ts';
import type { JobHandler } from '../services.ts';
import { generateText } from './generate-text.ts';

/** Which handler does which kind of work. */
export const JOB_HANDLERS: Readonly<Record<Kind, JobHandler>> = {
  text: generateText,
  audio: (services, job) => failJob(services, job, new AiCoreError('NO_MODEL_AVAILABLE', 'this worker does not speak')),
};
