import type { AudioAnswer } from '@ai-core/core';
import { AiCoreError, formatOfFile } from '@ai-core/core';
import type { JobResult, Memory } from '@ai-core/store';
import { baseFromJob, baseFromMemory, forgotten, type Delivery, type Explained } from './answer-base.ts';
import type { Sounds } from './sounds.ts';

/** Speech without its bytes: a link to them, and what they are. */
export interface AudioLink extends Omit<AudioAnswer, 'audio'>, Explained {}

export interface ExplainedAudioAnswer extends AudioAnswer, Explained {}

/** A link, and the object behind it. */
export interface LinkedSpeech extends AudioLink {
  readonly file: string;
}

interface StoredSpeech {
  readonly file: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly sha256: string;
}

async function link(sounds: Sounds, { file, bytes, seconds, sha256 }: StoredSpeech) {
  return { file, format: formatOfFile(file), url: await sounds.link(file), seconds, bytes, sha256 };
}

/** Remembered speech. @throws NOT_FOUND for a row that is a text */
export async function speechFromMemory(sounds: Sounds, memory: Memory, delivery: Delivery): Promise<LinkedSpeech> {
  if (memory.audio === null) throw new AiCoreError('NOT_FOUND', 'this answer is a text, not speech');
  return { ...baseFromMemory(memory, delivery), ...(await link(sounds, memory.audio)) };
}

/**
 * What a finished speech job means for one of its callers.
 * @throws the job's error when it failed, was cancelled or is not finished
 */
export async function speechFromJob(sounds: Sounds, result: JobResult, latencyMs: number): Promise<LinkedSpeech> {
  const base = baseFromJob(result, latencyMs);
  if (result.kind !== 'audio') {
    throw new AiCoreError('REQUEST_INVALID', 'this job is a text, not speech', { jobId: result.jobId });
  }
  if (result.audio === null) throw forgotten(result.jobId);
  return { ...base, ...(await link(sounds, result.audio)) };
}
