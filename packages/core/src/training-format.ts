/** A way to write training examples down: one JSON value per line. What each looks like stands in training-formats/. */
import type { TrainingFormatRules } from './training-format-rules.ts';
import { alpaca } from './training-formats/alpaca.ts';
import { dpo } from './training-formats/dpo.ts';
import { gemini } from './training-formats/gemini.ts';
import { openaiChat } from './training-formats/openai-chat.ts';
import { promptCompletion } from './training-formats/prompt-completion.ts';
import { sharegpt } from './training-formats/sharegpt.ts';

export const TRAINING_FORMATS = {
  'prompt-completion': promptCompletion,
  'openai-chat': openaiChat,
  gemini,
  sharegpt,
  alpaca,
  dpo,
} as const satisfies Record<string, TrainingFormatRules>;

export type TrainingFormat = keyof typeof TRAINING_FORMATS;

export const TRAINING_FORMAT_NAMES = Object.keys(TRAINING_FORMATS) as TrainingFormat[];

/** @returns true when `name` is one of the formats */
export function isTrainingFormat(name: string): name is TrainingFormat {
  return Object.hasOwn(TRAINING_FORMATS, name);
}

/** JSON of one line. The two separators that are line ends to some readers, though not to JSON, are escaped. */
export function toJsonLine(value: object): string {
  return JSON.stringify(value)
    .replaceAll('\u2028', String.raw`\u2028`)
    .replaceAll('\u2029', String.raw`\u2029`);
}
