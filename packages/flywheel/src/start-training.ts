import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { AiCoreError, skeleton, splitOf, TRAINING_FORMATS, type TrainingFormat, type TrainingSplit } from '@ai-core/core';
import {
  createTrainingRun,
  markIncluded,
  storeTrainingFile,
  type Database,
  type Objects,
  type TrainingProvider,
  type TrainingRun,
} from '@ai-core/store';
import { findExport } from './find-export.ts';

/** The format each trainer reads. */
const FORMAT_OF = { openai: 'openai-chat', vertex: 'gemini', command: 'openai-chat' } as const satisfies Record<
  TrainingProvider,
  TrainingFormat
>;

export interface StartTraining {
  readonly database: Database;
  readonly objects: Objects;
  /** JSON lines, in the format of the trainer or as prompt and completion. */
  readonly dataFile: string;
  /** null = the one of the export that the data file comes from, else the stable split of its prompts. */
  readonly validationFile: string | null;
  readonly validationShare: number;
  readonly batchId: string;
  readonly version: string;
  readonly baseModel: string;
  readonly provider: TrainingProvider;
  readonly simulated: boolean;
  readonly requestedBy: string;
}

const VERSION = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A line in the trainer's format, whichever of both it came in. @throws REQUEST_INVALID naming the line */
function convert(text: string, { format, where }: { format: TrainingFormat; where: string }): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AiCoreError('REQUEST_INVALID', `${where} is not JSON`, { cause });
  }
  const fault = TRAINING_FORMATS[format].findFault(value);
  if (fault === null) return value as object;
  if (TRAINING_FORMATS['prompt-completion'].findFault(value) !== null)
    throw new AiCoreError('REQUEST_INVALID', `${where} is no ${format}: ${fault}`);
  const { prompt, completion, tags } = value as { prompt: string; completion: string; tags: string[] };
  const rendered = TRAINING_FORMATS[format].render({
    requestType: '',
    system: '',
    messages: [{ role: 'user', content: prompt }],
    completion,
    rejected: undefined,
    tags,
    weight: 1,
    split: 'train',
  });
  if (rendered === null) throw new AiCoreError('REQUEST_INVALID', `${where} cannot be said as ${format}`);
  return rendered;
}

/** What is asked, of either format: the side of an example hangs on it. */
function questionOf(line: object): string {
  const turns = 'messages' in line ? line.messages : 'contents' in line ? line.contents : [];
  return skeleton(
    JSON.stringify(Array.isArray(turns) ? turns.slice(0, -1).filter((turn: { role?: string }) => turn.role === 'user') : turns),
  );
}

interface Prepared {
  readonly path: string;
  readonly sha256: string;
  readonly lines: number;
}

async function prepare(order: StartTraining, folder: string): Promise<Record<TrainingSplit, Prepared>> {
  const format = FORMAT_OF[order.provider];
  const files = {
    train: await open(path.join(folder, 'train.jsonl'), 'w'),
    validation: await open(path.join(folder, 'validation.jsonl'), 'w'),
  };
  const hashes = { train: createHash('sha256'), validation: createHash('sha256') };
  const lines = { train: 0, validation: 0 };
  async function read(file: string, split: TrainingSplit | null): Promise<void> {
    let number = 0;
    for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      if (text.trim() === '') continue;
      const line = convert(text, { format, where: `line ${number} of ${path.basename(file)}` });
      const side = split ?? splitOf(questionOf(line), order.validationShare);
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      hashes[side].update(bytes);
      lines[side]++;
      await files[side].write(bytes);
    }
  }
  try {
    await read(order.dataFile, order.validationFile === null ? null : 'train');
    if (order.validationFile !== null) await read(order.validationFile, 'validation');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new AiCoreError('REQUEST_INVALID', `${order.dataFile} cannot be read`, { cause });
    throw cause;
  } finally {
    await files.train.close();
    await files.validation.close();
  }
  const of = (split: TrainingSplit): Prepared => ({
    path: path.join(folder, `${split}.jsonl`),
    sha256: hashes[split].digest('hex'),
    lines: lines[split],
  });
  return { train: of('train'), validation: of('validation') };
}

/**
 * Orders a training: the data is checked line by line, brought into the trainer's format, divided where it is not yet, and kept in the object
 * store under its hash; then the run is written down. A worker with the maintenance role does the rest.
 * @throws REQUEST_INVALID for bad data, too few examples, or a batch or version that was used before
 */
export async function startTraining(order: StartTraining): Promise<TrainingRun> {
  if (!VERSION.test(order.version)) throw new AiCoreError('REQUEST_INVALID', 'a model version is 1 to 64 letters, digits, `.`, `_` or `-`');
  const folder = await mkdtemp(path.join(tmpdir(), 'ai-core-train-'));
  try {
    const exported = await findExport(order.dataFile);
    const { train, validation } = await prepare(
      { ...order, validationFile: order.validationFile ?? exported?.validationFile ?? null },
      folder,
    );
    const fewest = TRAINING_FORMATS[FORMAT_OF[order.provider]].limits.fewestExamples ?? 1;
    if (train.lines < fewest)
      throw new AiCoreError('REQUEST_INVALID', `the data has ${train.lines} training examples; at least ${fewest} are needed`);
    const keep = (file: Prepared): Promise<string> =>
      storeTrainingFile(order.objects, { ...file, simulated: order.simulated, ending: 'jsonl' });
    const { simulated } = order;
    const manifest =
      exported === null
        ? null
        : await storeTrainingFile(order.objects, {
            path: exported.manifestPath,
            sha256: exported.manifestSha256,
            simulated,
            ending: 'json',
          });
    const run = await createTrainingRun(order.database, {
      batchId: order.batchId,
      version: order.version,
      baseModel: order.baseModel,
      provider: order.provider,
      simulated: order.simulated,
      trainingSize: train.lines,
      validationSize: validation.lines,
      trainingFile: await keep(train),
      validationFile: validation.lines === 0 ? null : await keep(validation),
      manifest,
      datasetSha256: train.sha256,
      requestedBy: order.requestedBy,
    });
    if (exported !== null) await markIncluded(order.database, { batchId: order.batchId, simulated });
    return run;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
