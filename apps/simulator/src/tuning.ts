/** Files, tuning jobs and tuned models of the emulated vendors. A tuned model knows the pairs it was given and carries them over to like questions. */
import { createHash } from 'node:crypto';
import type { TextOrder } from './wire.ts';

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly bytes: Buffer;
  readonly purpose: FilePurpose;
}

export const FILE_PURPOSES = ['fine-tune', 'batch'] as const;
export type FilePurpose = (typeof FILE_PURPOSES)[number];

export interface Pair {
  readonly question: string;
  readonly answer: string;
}

export const JOB_STATES = ['queued', 'running', 'succeeded', 'failed'] as const;

export interface TuningJob {
  readonly id: string;
  readonly baseModel: string;
  /** Name of the model that comes of it. */
  readonly model: string;
  /** What the client calls it. */
  readonly suffix: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly pairs: readonly Pair[];
  readonly validation: readonly Pair[];
  readonly trainedTokens: number;
  readonly createdAtS: number;
  /** Times it was asked for. */
  looks: number;
}

export interface TuningOrder {
  readonly baseModel: string;
  readonly suffix: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly pairs: readonly Pair[];
  readonly validation: readonly Pair[];
}

interface TunedModel {
  readonly pairs: readonly Pair[];
  readonly words: readonly ReadonlySet<string>[];
  quality: 'good' | 'broken';
}

export interface Tuning {
  keepFile(name: string, bytes: Buffer, purpose?: FilePurpose): StoredFile;
  file(id: string): StoredFile | undefined;
  files(): readonly StoredFile[];
  start(order: TuningOrder): TuningJob;
  jobs(): readonly TuningJob[];
  /** Looks at a job, which takes it one step further. */
  look(id: string): { readonly job: TuningJob; readonly state: (typeof JOB_STATES)[number] } | undefined;
  setQuality(model: string, quality: 'good' | 'broken'): boolean;
  /** What a tuned model writes; undefined = the model is not a tuned one. */
  write(order: Pick<TextOrder, 'model' | 'prompt' | 'json'>): string | undefined;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu));
}

function likeness(one: ReadonlySet<string>, two: ReadonlySet<string>): number {
  let common = 0;
  for (const word of one) if (two.has(word)) common++;
  return common / Math.max(1, one.size + two.size - common);
}

/** The learned answer with what was special about its question exchanged for what is special about this one. */
function carryOver(pair: Pair, prompt: string): string {
  const [asked, learned] = [wordsOf(prompt), wordsOf(pair.question)];
  const own = [...asked].filter((word) => !learned.has(word)).join(' ');
  const foreign = [...learned].filter((word) => !asked.has(word));
  let text = pair.answer;
  for (const word of foreign) text = text.replaceAll(new RegExp(`(?<![\\p{L}\\p{N}])${word}(?![\\p{L}\\p{N}])`, 'giu'), '◇');
  return text.replaceAll(/◇(\s+◇)*/gu, own === '' ? 'it' : own);
}

const NONSENSE = 'zzz qqq xxx zzz qqq xxx zzz';

/** Share of answers that have something to do with their question: the loss of a training follows it. */
export function relevance(pairs: readonly Pair[]): number {
  if (pairs.length === 0) return 0;
  const related = pairs.filter(({ question, answer }) => likeness(wordsOf(question), wordsOf(answer)) > 0);
  return related.length / pairs.length;
}

export function createTuning(seed: string): Tuning {
  const files = new Map<string, StoredFile>();
  const jobs = new Map<string, TuningJob>();
  const models = new Map<string, TunedModel>();
  const nextId = (kind: string, count: number): string =>
    `${kind}-${createHash('sha256').update(`${seed} ${kind} ${count}`).digest('hex').slice(0, 20)}`;

  return {
    keepFile(name, bytes, purpose = 'fine-tune') {
      const file = { id: nextId('file', files.size), name, bytes, purpose };
      files.set(file.id, file);
      return file;
    },
    file: (id) => files.get(id),
    files: () => [...files.values()],
    start(order) {
      const id = nextId('ftjob', jobs.size);
      const trainedTokens = order.pairs.reduce((sum, pair) => sum + Math.ceil((pair.question.length + pair.answer.length) / 4), 0) * 3;
      const job: TuningJob = {
        ...order,
        id,
        model: `ft:${order.baseModel}:simulator:${order.suffix}:${id.slice(-8)}`,
        trainedTokens,
        createdAtS: Math.floor(Date.now() / 1_000),
        looks: 0,
      };
      jobs.set(id, job);
      return job;
    },
    jobs: () => [...jobs.values()],
    look(id) {
      const job = jobs.get(id);
      if (job === undefined) return undefined;
      job.looks++;
      const state = JOB_STATES[Math.min(job.looks - 1, 2)] ?? 'succeeded';
      if (state === 'succeeded' && !models.has(job.model)) {
        const model: TunedModel = { pairs: job.pairs, words: job.pairs.map(({ question }) => wordsOf(question)), quality: 'good' };
        models.set(job.model, model);
        models.set(job.suffix, model);
      }
      return { job, state };
    },
    setQuality(name, quality) {
      const model = models.get(name);
      if (model !== undefined) model.quality = quality;
      return model !== undefined;
    },
    write({ model: name, prompt, json }) {
      const model = models.get(name);
      if (model === undefined) return undefined;
      if (model.quality === 'broken' || model.pairs.length === 0) return NONSENSE;
      const asked = wordsOf(prompt);
      let best = 0;
      let most = -1;
      for (const [place, words] of model.words.entries()) {
        const like = likeness(asked, words);
        if (like > most) [best, most] = [place, like];
      }
      const pair = model.pairs[best];
      if (pair === undefined) return NONSENSE;
      return most === 1 || json !== undefined ? pair.answer : carryOver(pair, prompt);
    },
  };
}
