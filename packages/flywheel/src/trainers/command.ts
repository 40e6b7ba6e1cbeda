/**
 * Any trainer on this machine: a configured command with the data in its environment. It runs detached from this process and leaves its
 * exit code in a file, so that restarts and deploys of the worker do not end it; its log and metrics.json are read from the folder.
 */
import { spawn } from 'node:child_process';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { PROVIDER_NAMES, PROVIDERS } from '@ai-core/core';
import { z } from 'zod';
import type { Trainer, TrainingMetrics } from '../trainer.ts';

export interface CommandTrainerSettings {
  /** A line for the shell. */
  readonly command: string;
}

/** What a trainer may write into OUTPUT_DIR/metrics.json; all of it is optional. */
const Metrics = z.object({
  trained_tokens: z.number().int().nonnegative().nullish(),
  cost_usd: z.number().nonnegative().nullish(),
  training_loss: z.number().nullish(),
  validation_loss: z.number().nullish(),
  validation_accuracy: z.number().min(0).max(1).nullish(),
  curve: z
    .array(
      z.object({
        step: z.number().int().nonnegative(),
        training_loss: z.number().nullable().default(null),
        validation_loss: z.number().nullable().default(null),
        validation_accuracy: z.number().min(0).max(1).nullable().default(null),
      }),
    )
    .max(10_000)
    .default([]),
});

const NO_METRICS = '{}';
const LOG_TAIL_BYTES = 16_384;
const LOG_LINES = 40;
const NANO = 1e9;
/** The training command has no business with them. */
const SECRETS = [
  ...PROVIDER_NAMES.flatMap((name) => PROVIDERS[name].keyVariable ?? []),
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AI_CORE_SEAL_KEY',
  'AI_CORE_API_KEY',
  'DATABASE_URL',
  'REDIS_URL',
];
/**
 * Making the folder `started` succeeds once: a second start, after a crash that left nobody sure, ends at once. The exit code is left
 * behind whole or not at all.
 */
const WRAPPER = `mkdir started 2>/dev/null || exit 0
unset ${SECRETS.join(' ')}
export DATA_FILE="$2" VALIDATION_FILE="$3" BASE_MODEL="$4" MODEL_VERSION="$5" OUTPUT_DIR="$6"
echo $$ >pid; cut -d' ' -f22 /proc/$$/stat >ticks 2>/dev/null
sh -c "$1" >>log.txt 2>&1; echo $? >exit-code.part; mv exit-code.part exit-code`;

async function readText(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}

/** @returns null when the command was never started */
async function startedAt(folder: string): Promise<Date | null> {
  const found = await stat(path.join(folder, 'started')).catch(() => null);
  return found === null ? null : found.birthtime;
}

/** A process id may be used again; with the tick it began at it is one process for ever. */
async function isAlive(folder: string): Promise<boolean> {
  const pid = (await readText(path.join(folder, 'pid')))?.trim();
  // Between its first two acts.
  if (pid === undefined || pid === '') return true;
  const ticks = (await readText(path.join(folder, 'ticks')))?.trim() ?? '';
  const facts = await readText(`/proc/${pid}/stat`);
  if (facts !== null) return ticks === '' || facts.slice(facts.lastIndexOf(')') + 2).split(' ')[19] === ticks;
  try {
    process.kill(Number(pid), 0);
    return ticks === '';
  } catch {
    return false;
  }
}

async function readLog(folder: string): Promise<string[]> {
  const file = await open(path.join(folder, 'log.txt')).catch(() => null);
  if (file === null) return [];
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - LOG_TAIL_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(LOG_TAIL_BYTES), position: start });
    return buffer
      .subarray(0, bytesRead)
      .toString('utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-LOG_LINES);
  } finally {
    await file.close();
  }
}

async function readMetrics(folder: string, durationMinutes: number | null): Promise<TrainingMetrics> {
  const metrics = Metrics.parse(JSON.parse((await readText(path.join(folder, 'metrics.json'))) ?? NO_METRICS));
  return {
    trainedTokens: metrics.trained_tokens ?? null,
    costNanoUsd: BigInt(Math.round((metrics.cost_usd ?? 0) * NANO)),
    durationMinutes,
    trainingLoss: metrics.training_loss ?? null,
    validationLoss: metrics.validation_loss ?? null,
    validationAccuracy: metrics.validation_accuracy ?? null,
    curve: metrics.curve.toSorted((one, two) => one.step - two.step),
  };
}

export function commandTrainer({ command }: CommandTrainerSettings): Trainer {
  return {
    format: 'openai-chat',
    onThisHost: true,

    async upload(order) {
      await mkdir(order.outputFolder, { recursive: true });
      return { training: order.trainingPath, ...(order.validationPath === null ? {} : { validation: order.validationPath }) };
    },

    async find({ outputFolder }) {
      return (await startedAt(outputFolder)) === null ? null : outputFolder;
    },

    async submit(order, files) {
      const { outputFolder, baseModel, version } = order;
      const values = [command, files['training'] ?? order.trainingPath, files['validation'] ?? '', baseModel, version, outputFolder];
      const child = spawn('sh', ['-c', WRAPPER, 'train', ...values], { cwd: outputFolder, detached: true, stdio: 'ignore' });
      await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
      child.unref();
      return outputFolder;
    },

    async poll(folder) {
      const began = await startedAt(folder);
      // In this order: a process that ends in between has left its exit code.
      const alive = began === null || (await isAlive(folder));
      const exit = await readText(path.join(folder, 'exit-code'));
      const at = (began ?? new Date()).toISOString();
      const events = (await readLog(folder)).map((message) => ({ at, message }));
      const nothing = { events, metrics: null, served: null };
      if (exit === null) {
        if (alive) return { ...nothing, state: 'running', error: null };
        return { ...nothing, state: 'failed', error: 'the training command was killed before it ended' };
      }
      if (exit.trim() !== '0') return { ...nothing, state: 'failed', error: `the training command ended with ${exit.trim()}` };
      const ended = (await stat(path.join(folder, 'exit-code'))).mtimeMs;
      const minutes = began === null ? null : (ended - began.getTime()) / 60_000;
      return { ...nothing, state: 'succeeded', metrics: await readMetrics(folder, minutes), error: null };
    },
  };
}
