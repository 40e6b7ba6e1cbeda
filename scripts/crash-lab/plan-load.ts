import type { AudioInput, TextInput } from '@ai-core/producer';
import type { Profile } from './profile.ts';
import { spreadMoments, type Random } from './random.ts';

/** One caller's request. */
export interface PlannedRequest {
  /** Milliseconds from the start of the load. */
  readonly atMs: number;
  /** Which producer process asks. */
  readonly producer: number;
  /** Index into the prompts: callers with the same one want the same answer. */
  readonly prompt: number;
}

/** What is asked: a text to be written, or one to be spoken. */
export interface PlannedPrompt {
  /** As the ledger keeps it; no two are the same. */
  readonly text: string;
  readonly order: { readonly input: TextInput } | { readonly speech: AudioInput };
}

export interface LoadPlan {
  readonly prompts: readonly PlannedPrompt[];
  readonly requests: readonly PlannedRequest[];
}

/** Requests of one burst on average. */
const BURST = 25;
/** Of all requests, how many ask what was asked before (memory, or a job that is still under way). */
const REPEATED_SHARE = 0.2;
/** Of new prompts, how many are asked by several callers at once. */
const JOINED_SHARE = 0.12;
const MOST_JOINED = 6;
/** A repeat looks back this many prompts, so that some find their answer in memory and some the job under way. */
const LOOK_BACK = 200;

/** The ways a request is made: chosen by AI Core from two tiers, and pinned to each provider that has a wire format of its own. */
const WAYS: readonly [Omit<TextInput, 'prompt'>, ...Omit<TextInput, 'prompt'>[]] = [
  { requestType: 'quiz' },
  { requestType: 'report' },
  { requestType: 'quiz', selectionMode: 'manual', provider: 'openai', model: 'gpt-6-luna' },
  { requestType: 'quiz', selectionMode: 'manual', provider: 'gemini', model: 'gemini-3.8-flash' },
  { requestType: 'quiz', selectionMode: 'manual', provider: 'claude', model: 'claude-haiku-5-5' },
];
/** Of new prompts, how many are speech. */
const SPEECH_SHARE = 0.15;
/** The same for speech: chosen by AI Core in two languages, and pinned to each provider whose price is known in full. */
const VOICES: readonly [Omit<AudioInput, 'text'>, ...Omit<AudioInput, 'text'>[]] = [
  { language: 'en' },
  { language: 'ja' },
  { language: 'en', selectionMode: 'manual', provider: 'elevenlabs', model: 'eleven_flash_v2_5' },
  { language: 'en', selectionMode: 'manual', provider: 'google_tts', model: 'neural2' },
];
const SUBJECTS: readonly [string, ...string[]] = ['comets', 'volcanoes', 'particles', 'verbs', 'festivals', 'rivers', 'proverbs', 'trains'];

/** New work that comes in one moment, so that an act finds full queues: more than all workers take at once. */
const FLOOD = 200;

/**
 * Plans every request of a run.
 * @param floodsAtMs moments at which a flood of new work comes, in milliseconds from the start of the load
 */
export function planLoad(random: Random, profile: Profile, floodsAtMs: readonly number[]): LoadPlan {
  const prompts: PlannedPrompt[] = [];
  const requests: PlannedRequest[] = [];
  const inBursts = profile.requests - floodsAtMs.length * FLOOD;
  const bursts = Math.ceil(inBursts / BURST);
  const perBurst = inBursts / bursts;

  function newPrompt(): number {
    const index = prompts.length;
    const subject = random.pick(SUBJECTS);
    if (random.next() < SPEECH_SHARE) {
      const text = `Number ${index}, ${subject}.`;
      prompts.push({ text, order: { speech: { ...random.pick(VOICES), text } } });
    } else {
      const text = `Lesson ${index} on ${subject}: ask one question and answer it.`;
      prompts.push({ text, order: { input: { ...random.pick(WAYS), prompt: text } } });
    }
    return index;
  }

  for (const [burst, atMs] of spreadMoments(random, bursts, profile.loadMs).entries()) {
    const until = Math.round((burst + 1) * perBurst);
    while (requests.length < until) {
      const repeated = prompts.length > 0 && random.next() < REPEATED_SHARE;
      const prompt = repeated ? random.integer(Math.max(0, prompts.length - LOOK_BACK), prompts.length - 1) : newPrompt();
      const callers = !repeated && random.next() < JOINED_SHARE ? random.integer(2, MOST_JOINED) : 1;
      for (let caller = 0; caller < callers && requests.length < until; caller++) {
        requests.push({ atMs, producer: random.integer(0, profile.producers - 1), prompt });
      }
    }
  }
  for (const atMs of floodsAtMs) {
    for (let index = 0; index < FLOOD; index++) {
      requests.push({ atMs, producer: random.integer(0, profile.producers - 1), prompt: newPrompt() });
    }
  }
  return { prompts, requests: requests.toSorted((one, two) => one.atMs - two.atMs) };
}
