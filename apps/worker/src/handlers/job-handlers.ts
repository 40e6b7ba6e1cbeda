import type { Kind } from '@ai-core/core';
import type { JobHandler } from '../services.ts';
import { generateAudio } from './generate-audio.ts';
import { generateText } from './generate-text.ts';

/** Which handler does which kind of work. */
export const JOB_HANDLERS: Readonly<Record<Kind, JobHandler>> = {
  text: generateText,
  audio: generateAudio,
};
