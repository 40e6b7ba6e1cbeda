import {
  copiesOf,
  createNearDuplicateFilter,
  estimateTokens,
  hasPersonalData,
  redact,
  skeleton,
  splitOf,
  toJsonLine,
  toTrainingQuestion,
  TRAINING_FORMATS,
  TRAINING_RULES_VERSION,
  trainingKeys,
  type TrainingExample,
  type TrainingFormat,
  type TrainingKeys,
  type TrainingQuestion,
  type TrainingSplit,
} from '@ai-core/core';
import { DEFAULT_VALIDATION_SHARE } from './collect-training-data.ts';
import type { Database } from './database.ts';
import { readTrainingRows, type TrainingRow } from './read-training-rows.ts';

export interface TrainingExportOptions {
  /** Default: prompt-completion. */
  readonly format?: TrainingFormat | undefined;
  /** Least average rating, 0 to 5, of an answer that users have rated; default 4. An answer a person has verified needs no rating. */
  readonly minRating?: number | undefined;
  /** Default true: only answers that a person has verified. false: also those that proved themselves in use and were rated high enough. */
  readonly verifiedOnly?: boolean | undefined;
  /** Share of the prompts that are kept out of training to measure with; default 0.1. */
  readonly validationShare?: number | undefined;
  /** Default false. true: examples made with emulated providers, and only those. */
  readonly simulated?: boolean | undefined;
  /** Only these request types; absent = all. */
  readonly requestTypes?: readonly string[] | undefined;
}

export interface TrainingLine {
  readonly split: TrainingSplit;
  /** JSON of one line, without its end. */
  readonly line: string;
}

/** Why an example is not in an export. */
export interface TrainingLeftOut {
  /** The same question and options as a better rated example. */
  readonly duplicates: number;
  /** Almost the same text as another example. */
  readonly near_duplicates: number;
  /** Personal data was found that redaction had not taken out. */
  readonly personal_data: number;
  /** Longer than whoever trains with the format takes. */
  readonly too_long: number;
  /** The format cannot say it: a pair without a rejected answer, an empty answer. */
  readonly not_sayable: number;
  /** More validation examples than the format takes. */
  readonly validation_surplus: number;
}

/** What an export was made of: the same data and options always give the same document. */
export interface TrainingManifest {
  readonly version: 1;
  readonly rules_version: number;
  readonly format: TrainingFormat;
  readonly filter: {
    readonly min_rating: number;
    readonly verified_only: boolean;
    readonly validation_share: number;
    readonly simulated: boolean;
    readonly request_types: readonly string[] | null;
  };
  readonly examples: { readonly read: number; readonly train: number; readonly validation: number };
  readonly lines: { readonly train: number; readonly validation: number };
  readonly left_out: TrainingLeftOut;
  /** Validation prompts that are also in train: always 0, counted on what was written. */
  readonly leaked: number;
}

export interface TrainingExport {
  /** Reads it once; the manifest is right when it has ended. */
  readonly lines: AsyncIterable<TrainingLine>;
  manifest(): TrainingManifest;
}

type Count<Shape> = { -readonly [Key in keyof Shape]: number };

interface Tally {
  read: number;
  leaked: number;
  readonly examples: Record<TrainingSplit, number>;
  readonly lines: Record<TrainingSplit, number>;
  readonly leftOut: Count<TrainingLeftOut>;
}

interface Keyed {
  readonly row: TrainingRow;
  readonly question: TrainingQuestion;
  readonly keys: TrainingKeys;
}

function keyed(row: TrainingRow): Keyed {
  const question = toTrainingQuestion({ requestType: row.requestType, prompt: row.prompt, options: row.options });
  return { row, question, keys: trainingKeys(question) };
}

/** Of several answers to one question the best rated, then the heaviest, then the newest. */
function isBetter({ row: one }: Keyed, { row: two }: Keyed): boolean {
  if (one.rating !== two.rating) return (one.rating ?? 0) > (two.rating ?? 0);
  if (one.weight !== two.weight) return one.weight > two.weight;
  return one.memoryId > two.memoryId;
}

/** Rows come in the order of their example keys; of those with one key the best is passed on. */
async function* bestOfEach(rows: AsyncIterable<TrainingRow>, tally: Tally): AsyncGenerator<Keyed> {
  let best: Keyed | undefined;
  for await (const row of rows) {
    tally.read++;
    const next = keyed(row);
    if (best === undefined || best.row.exampleKey !== row.exampleKey) {
      if (best !== undefined) yield best;
      best = next;
      continue;
    }
    tally.leftOut.duplicates++;
    if (isBetter(next, best)) best = next;
  }
  if (best !== undefined) yield best;
}

/** @returns true when redaction finds in a text what it should have taken out before */
export function holdsPersonalData(texts: readonly string[]): boolean {
  return texts.some((text) => hasPersonalData(redact(text).values));
}

/** The example's own length in tokens, as estimated for any model. */
function tokensOf({ system, messages, completion, rejected = '' }: TrainingExample): number {
  return estimateTokens([system, ...messages.map(({ content }) => content), completion, rejected].join('\n'));
}

/**
 * Makes training data out of curated examples, one line at a time and in flat memory whatever their number. Only answers in the shared scope,
 * verified unless told otherwise, free of personal data; of doubles and almost doubles one; train and validation apart by the hash of
 * the prompt. The same data gives the same bytes.
 * @throws STORE_UNAVAILABLE while reading, when Postgres cannot be reached
 */
export function exportTrainingData(database: Database, options: TrainingExportOptions = {}): TrainingExport {
  const format = options.format ?? 'prompt-completion';
  const filter = {
    min_rating: options.minRating ?? 4,
    verified_only: options.verifiedOnly ?? true,
    validation_share: options.validationShare ?? DEFAULT_VALIDATION_SHARE,
    simulated: options.simulated ?? false,
    request_types: options.requestTypes === undefined ? null : options.requestTypes.toSorted(),
  };
  const tally: Tally = {
    read: 0,
    leaked: 0,
    examples: { train: 0, validation: 0 },
    lines: { train: 0, validation: 0 },
    leftOut: { duplicates: 0, near_duplicates: 0, personal_data: 0, too_long: 0, not_sayable: 0, validation_surplus: 0 },
  };
  const rows = readTrainingRows(database, {
    minRating: filter.min_rating,
    verifiedOnly: filter.verified_only,
    simulated: filter.simulated,
    requestTypes: filter.request_types,
    withRejected: format === 'dpo',
  });
  return {
    lines: renderLines(rows, { format, validationShare: filter.validation_share, tally }),
    manifest: () => ({
      version: 1,
      rules_version: TRAINING_RULES_VERSION,
      format,
      filter,
      examples: { read: tally.read, ...tally.examples },
      lines: { ...tally.lines },
      left_out: { ...tally.leftOut },
      leaked: tally.leaked,
    }),
  };
}

interface Rendering {
  readonly format: TrainingFormat;
  readonly validationShare: number;
  readonly tally: Tally;
}

async function* renderLines(rows: AsyncIterable<TrainingRow>, { format, validationShare, tally }: Rendering): AsyncGenerator<TrainingLine> {
  const rules = TRAINING_FORMATS[format];
  const near = createNearDuplicateFilter();
  let written: { promptKey: string; split: TrainingSplit } | undefined;
  for await (const { row, question, keys } of bestOfEach(rows, tally)) {
    const split = splitOf(keys.promptKey, validationShare);
    const example: TrainingExample = {
      ...question,
      completion: row.completion,
      rejected: row.rejected ?? undefined,
      tags: [...new Set([...row.tags, ...(row.difficulty === null ? [] : [row.difficulty])])],
      weight: row.weight,
      split,
    };
    const value = row.completion.trim() === '' ? null : rules.render(example);
    const fault = findReason(example, { value, rules, split, validations: tally.examples.validation });
    if (value === null || fault !== null) {
      tally.leftOut[fault ?? 'not_sayable']++;
      continue;
    }
    if (near.isKnown(skeleton([example.system, ...example.messages.map(({ content }) => content), example.completion].join(' ')))) {
      tally.leftOut.near_duplicates++;
      continue;
    }
    // Neighbours by prompt: a prompt on both sides could only be seen here.
    if (written?.promptKey === keys.promptKey && written.split !== split) tally.leaked++;
    written = { promptKey: keys.promptKey, split };
    tally.examples[split]++;
    const line = toJsonLine(value);
    const copies = split === 'train' && rules.weights === 'repetition' ? copiesOf({ weight: row.weight, exampleKey: keys.exampleKey }) : 1;
    for (let copy = 0; copy < copies; copy++) {
      tally.lines[split]++;
      yield { split, line };
    }
  }
}

interface Judged {
  readonly value: object | null;
  readonly rules: (typeof TRAINING_FORMATS)[TrainingFormat];
  readonly split: TrainingSplit;
  readonly validations: number;
}

function findReason(example: TrainingExample, { value, rules, split, validations }: Judged): keyof TrainingLeftOut | null {
  const { exampleTokens, validationExamples } = rules.limits;
  if (value === null) return 'not_sayable';
  if (exampleTokens !== undefined && tokensOf(example) > exampleTokens) return 'too_long';
  if (split === 'validation' && validationExamples !== undefined && validations >= validationExamples) return 'validation_surplus';
  const texts = [example.system, ...example.messages.map(({ content }) => content), example.completion, example.rejected ?? ''];
  return holdsPersonalData(texts) ? 'personal_data' : null;
}
