import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { AiCoreError, TRAINING_FORMATS, type TrainingSplit } from '@ai-core/core';
import type { Database } from './database.ts';
import { exportTrainingData, type TrainingExportOptions, type TrainingManifest } from './export-training.ts';
import type { Objects } from './objects.ts';

export interface TrainingFile {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly lines: number;
}

/** The manifest of an export that has been written down: what it is made of, and the files. Holds no time and no path: the same data, the same bytes. */
export interface TrainingFilesManifest extends TrainingManifest {
  readonly files: Readonly<Partial<Record<TrainingSplit, { readonly sha256: string; readonly bytes: number }>>>;
}

export interface WrittenTraining {
  readonly manifest: TrainingFilesManifest;
  readonly manifestSha256: string;
  readonly files: Readonly<Record<TrainingSplit, TrainingFile>>;
  readonly manifestPath: string;
}

export interface TrainingFilesOptions extends TrainingExportOptions {
  /** Where the training examples go; validation examples and the manifest stand beside it, see besideOf(). */
  readonly path: string;
  /** Told how many lines are written, now and then. */
  readonly onProgress?: ((lines: number) => void) | undefined;
}

/** `data.jsonl` becomes `data.validation.jsonl` and `data.manifest.json`. */
export function besideOf(path: string, part: 'validation' | 'manifest'): string {
  const stem = path.replace(/\.jsonl$/, '');
  return part === 'validation' ? `${stem}.validation.jsonl` : `${stem}.manifest.json`;
}

interface Sink {
  readonly path: string;
  readonly draft: string;
  readonly stream: Writable;
  readonly hash: Hash;
  bytes: number;
  lines: number;
}

/** @throws REQUEST_INVALID when the file cannot be written */
async function openSink(path: string): Promise<Sink> {
  const draft = `${path}.part`;
  const file = await open(draft, 'w').catch((cause: unknown) => {
    throw new AiCoreError('REQUEST_INVALID', `${path} cannot be written (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`, {
      cause,
    });
  });
  const stream = file.createWriteStream({ highWaterMark: 256 * 1_024 });
  return { path, draft, stream, hash: createHash('sha256'), bytes: 0, lines: 0 };
}

async function writeLine(sink: Sink, line: string): Promise<void> {
  const bytes = Buffer.from(`${line}\n`);
  sink.hash.update(bytes);
  sink.bytes += bytes.length;
  sink.lines++;
  if (!sink.stream.write(bytes)) await once(sink.stream, 'drain');
}

async function closeSink(sink: Sink): Promise<TrainingFile> {
  const closed = once(sink.stream, 'close');
  sink.stream.end();
  await closed;
  await rename(sink.draft, sink.path);
  return { path: sink.path, sha256: sink.hash.digest('hex'), bytes: sink.bytes, lines: sink.lines };
}

const PROGRESS_EVERY = 10_000;

/**
 * Writes an export into files: training and validation examples as JSON lines, and the manifest. A file appears when it is whole.
 * @throws REQUEST_INVALID when the files cannot be written or are larger than the format's readers take; INTERNAL when a validation
 *   prompt were found among the training prompts
 */
export async function writeTrainingFiles(database: Database, options: TrainingFilesOptions): Promise<WrittenTraining> {
  const { path, onProgress, ...exportOptions } = options;
  const { lines, manifest } = exportTrainingData(database, exportOptions);
  const sinks: Record<TrainingSplit, Sink> = {
    train: await openSink(path),
    validation: await openSink(besideOf(path, 'validation')),
  };
  try {
    let written = 0;
    for await (const { split, line } of lines) {
      await writeLine(sinks[split], line);
      if (++written % PROGRESS_EVERY === 0) onProgress?.(written);
    }
    checkSizes(sinks, manifest());
    const files = { train: await closeSink(sinks.train), validation: await closeSink(sinks.validation) };
    const document: TrainingFilesManifest = {
      ...manifest(),
      files: {
        train: { sha256: files.train.sha256, bytes: files.train.bytes },
        validation: { sha256: files.validation.sha256, bytes: files.validation.bytes },
      },
    };
    const text = `${JSON.stringify(document, null, 2)}\n`;
    const manifestPath = besideOf(path, 'manifest');
    await writeFile(manifestPath, text);
    return { manifest: document, manifestSha256: createHash('sha256').update(text).digest('hex'), files, manifestPath };
  } catch (error) {
    for (const { stream, draft } of Object.values(sinks)) {
      stream.destroy();
      await rm(draft, { force: true });
    }
    throw error;
  }
}

function checkSizes(sinks: Readonly<Record<TrainingSplit, Sink>>, manifest: TrainingManifest): void {
  if (manifest.leaked > 0) throw new AiCoreError('INTERNAL', `${manifest.leaked} validation prompts are among the training prompts`);
  const { fileBytes } = TRAINING_FORMATS[manifest.format].limits;
  const largest = Math.max(sinks.train.bytes, sinks.validation.bytes);
  if (fileBytes === undefined || largest <= fileBytes) return;
  throw new AiCoreError(
    'REQUEST_INVALID',
    `the export has ${largest} bytes; whoever trains with ${manifest.format} takes ${fileBytes}. Raise --min-rating or choose request types.`,
  );
}

export interface StoredTraining {
  /** Object keys. */
  readonly train: string;
  readonly validation: string;
  readonly manifest: string;
}

/** The key of an object of training data: its content decides it. */
function trainingObjectKey(file: { readonly simulated: boolean; readonly sha256: string; readonly ending: 'jsonl' | 'json' }): string {
  return `training/${file.simulated ? 'simulated' : 'real'}/${file.sha256}.${file.ending}`;
}

/** Puts a file into the object store under the hash of its content. @returns the key */
export async function storeTrainingFile(
  objects: Objects,
  file: { readonly path: string; readonly sha256: string; readonly simulated: boolean; readonly ending: 'jsonl' | 'json' },
): Promise<string> {
  const key = trainingObjectKey(file);
  const contentType = file.ending === 'json' ? 'application/json' : 'application/jsonl';
  await objects.put(key, createReadStream(file.path), { contentType, sha256: file.sha256 });
  return key;
}

/** Puts a written export into the object store. */
export async function storeTraining(objects: Objects, written: WrittenTraining): Promise<StoredTraining> {
  const { simulated } = written.manifest.filter;
  const { train, validation } = written.files;
  return {
    train: await storeTrainingFile(objects, { ...train, simulated, ending: 'jsonl' }),
    validation: await storeTrainingFile(objects, { ...validation, simulated, ending: 'jsonl' }),
    manifest: await storeTrainingFile(objects, {
      path: written.manifestPath,
      sha256: written.manifestSha256,
      simulated,
      ending: 'json',
    }),
  };
}
