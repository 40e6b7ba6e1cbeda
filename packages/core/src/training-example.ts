/** One example to train a model with: what it is asked, as a provider is asked it, and what it should answer. */
import { hash } from 'node:crypto';
import type { Json } from './request.ts';
import { sayContentOptions } from './say-content-options.ts';

/** The rules that keys, split and labels follow. A change of any of them needs a new number: rows of an older one are made anew. */
export const TRAINING_RULES_VERSION = 1;

export interface TrainingMessage {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

export const TRAINING_SPLITS = ['train', 'validation'] as const;
export type TrainingSplit = (typeof TRAINING_SPLITS)[number];

/** The question part of an example. */
export interface TrainingQuestion {
  readonly requestType: string;
  /** Instructions for the model; '' = none. */
  readonly system: string;
  /** Ends with what the user says last. */
  readonly messages: readonly TrainingMessage[];
}

export interface TrainingExample extends TrainingQuestion {
  readonly completion: string;
  /** An answer to the same question that people turned down; undefined = there is none. */
  readonly rejected: string | undefined;
  readonly tags: readonly string[];
  /** Above 0; 1 is ordinary. */
  readonly weight: number;
  readonly split: TrainingSplit;
}

/** A remembered request, as memory holds it: personal data already replaced. */
export interface RememberedQuestion {
  readonly requestType: string;
  readonly prompt: string;
  readonly options: Readonly<Record<string, Json>>;
}

const SYSTEM_ROLES = new Set(['system', 'developer']);

function readMessages(value: Json | undefined): { role: string; content: string }[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const messages: { role: string; content: string }[] = [];
  for (const entry of value) {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return undefined;
    const { role, content } = entry;
    if (typeof role !== 'string' || typeof content !== 'string') return undefined;
    messages.push({ role, content });
  }
  return messages;
}

/** The question of a remembered request, in the words a provider was given: options about the content are sentences of the system text. */
export function toTrainingQuestion({ requestType, prompt, options }: RememberedQuestion): TrainingQuestion {
  const own = typeof options['system'] === 'string' ? [options['system']] : [];
  const conversation = readMessages(options['messages']) ?? [{ role: 'user', content: prompt }];
  const systems = conversation.filter(({ role }) => SYSTEM_ROLES.has(role)).map(({ content }) => content);
  const messages = conversation.flatMap(({ role, content }): TrainingMessage[] =>
    role === 'user' || role === 'assistant' ? [{ role, content }] : [],
  );
  const { sentences } = sayContentOptions(options);
  return {
    requestType,
    system: [...own, ...systems, ...(sentences.length > 0 ? [sentences.join('\n')] : [])].join('\n\n'),
    messages: messages.length > 0 ? messages : [{ role: 'user', content: prompt }],
  };
}

/** What is left of a text when writing habits are taken out: letters and digits in one case. Two prompts with the same rest are one prompt. */
export function skeleton(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function shortHash(text: string): string {
  return hash('sha256', text).slice(0, 32);
}

export interface TrainingKeys {
  /** The same for all examples with the same prompt, whatever their options: they are never divided between train and validation. */
  readonly promptKey: string;
  /** The same for examples that ask the same thing in the same way: one of them is enough. */
  readonly exampleKey: string;
}

/** Identities of a question for training: 32 hex digits each. */
export function trainingKeys(question: TrainingQuestion): TrainingKeys {
  const asked = question.messages.map(({ role, content }) => `${role} ${skeleton(content)}`).join('\n');
  return {
    promptKey: shortHash(`prompt ${asked}`),
    exampleKey: shortHash(`example ${question.requestType}\n${skeleton(question.system)}\n${asked}`),
  };
}

/**
 * The side a prompt is on: decided by its hash alone, so that it stays there whatever else comes or goes.
 * @param validationShare 0 up to 1
 */
export function splitOf(promptKey: string, validationShare: number): TrainingSplit {
  const place = Number.parseInt(hash('sha256', `split ${promptKey}`).slice(0, 8), 16) / 2 ** 32;
  return place < validationShare ? 'validation' : 'train';
}

/**
 * How often an example is written where weights are said by repetition: its weight in whole copies, and the rest by a stable hash, so that
 * many examples of weight 1.5 average to it.
 */
export function copiesOf({ weight, exampleKey }: { readonly weight: number; readonly exampleKey: string }): number {
  const whole = Math.floor(weight);
  const rest = weight - whole;
  const place = Number.parseInt(hash('sha256', `weight ${exampleKey}`).slice(0, 8), 16) / 2 ** 32;
  return whole + (place < rest ? 1 : 0);
}
