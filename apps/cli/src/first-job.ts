import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { AiCoreError, formatMoney, type AnswerBase } from '@ai-core/core';
import type { AiCore } from '@ai-core/producer';

/** One line of the first job, as `--json` prints it. */
export interface FirstJobEntry {
  readonly kind: 'text' | 'audio';
  /** `none`: nobody could do it, `note` says why. */
  readonly source: string;
  readonly provider: string | null;
  readonly model: string | null;
  readonly cached: boolean;
  /** Decimal US dollars; null = the price is unknown. */
  readonly cost_usd: string | null;
  readonly saved_usd: string;
  readonly latency_ms: number;
  readonly job_id: string | null;
  /** Of speech: where the MP3 lies. */
  readonly file?: string | undefined;
  /** Of speech: how long it is. */
  readonly seconds?: number | undefined;
  readonly note?: string | undefined;
}

const ENDPOINT = 'ai-core.first-job';

const TEXT = {
  requestType: 'lesson_script',
  prompt: 'Write a short lesson for beginners about the Japanese particles は and が, with three example sentences.',
  options: { language: 'en', secondary_language: 'ja', difficulty: 'easy' },
  endpoint: ENDPOINT,
} as const;

const AUDIO = {
  text: 'Welcome to lesson five. Today we learn how to count to ten in Japanese.',
  language: 'en',
  endpoint: ENDPOINT,
} as const;

function toEntry(kind: FirstJobEntry['kind'], answer: AnswerBase): FirstJobEntry {
  return {
    kind,
    source: answer.source,
    provider: answer.provider,
    model: answer.model,
    cached: answer.cached,
    cost_usd: answer.costNanoUsd === null ? null : formatMoney(answer.costNanoUsd),
    saved_usd: formatMoney(answer.savedNanoUsd),
    latency_ms: answer.latencyMs,
    job_id: answer.jobId,
  };
}

const NO_VOICE: FirstJobEntry = {
  kind: 'audio',
  source: 'none',
  provider: null,
  model: null,
  cached: false,
  cost_usd: '0',
  saved_usd: '0',
  latency_ms: 0,
  job_id: null,
  note: 'no voice engine has a key: set ELEVENLABS_API_KEY, GOOGLE_TTS_API_KEY, GEMINI_API_KEY or OPENAI_API_KEY for speech',
};

export interface FirstJob {
  /** Buys both anew although they are remembered. */
  readonly refresh: boolean;
  /** Where the MP3 goes. */
  readonly folder: string;
}

/**
 * The first job: a text and a speech, and both once more. On a new machine the first ones are bought and the others come from memory.
 * Without a voice engine the speech is left out and its lines say so.
 */
export async function runFirstJob(aiCore: AiCore, { refresh, folder }: FirstJob): Promise<FirstJobEntry[]> {
  async function write(anew: boolean): Promise<FirstJobEntry> {
    return toEntry('text', await aiCore.generateText({ ...TEXT, ...(anew ? { cache: 'refresh' } : {}) }));
  }

  async function speak(anew: boolean): Promise<FirstJobEntry> {
    try {
      const answer = await aiCore.generateAudio({ ...AUDIO, ...(anew ? { cache: 'refresh' } : {}) });
      const file = path.join(folder, 'first-job.mp3');
      await writeFile(file, answer.audio);
      return { ...toEntry('audio', answer), file, seconds: Math.round(answer.seconds * 1_000) / 1_000 };
    } catch (error) {
      if (AiCoreError.is(error) && error.code === 'NO_MODEL_AVAILABLE') return NO_VOICE;
      throw error;
    }
  }

  const bought = [await write(refresh), await speak(refresh)];
  return [...bought, await write(false), await speak(false)];
}
