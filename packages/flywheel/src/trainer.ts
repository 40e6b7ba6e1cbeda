/** What can train a model. One file per trainer in trainers/. */
import type { Json } from '@ai-core/core';
import type { TrainingPoint } from '@ai-core/store';

export interface TrainingOrder {
  /** Ours; every job of a provider carries it, so that a job can be found again. */
  readonly runId: string;
  readonly batchId: string;
  readonly version: string;
  readonly baseModel: string;
  readonly trainingPath: string;
  /** null = no example is kept for validation. */
  readonly validationPath: string | null;
  /** Of this run alone; outlives the process. */
  readonly outputFolder: string;
  readonly hyperparameters: Readonly<Record<string, Json>>;
}

export type UploadedFiles = Readonly<Record<string, string>>;

export interface TrainingMetrics {
  readonly trainedTokens: number | null;
  /** null = the trainer does not say what it costs. */
  readonly costNanoUsd: bigint | null;
  readonly durationMinutes: number | null;
  readonly trainingLoss: number | null;
  readonly validationLoss: number | null;
  /** 0 to 1. */
  readonly validationAccuracy: number | null;
  /** In the order of steps; empty = the trainer does not say. */
  readonly curve: readonly TrainingPoint[];
}

export interface TrainingProgress {
  readonly state: 'running' | 'succeeded' | 'failed';
  /** All messages so far, oldest first. */
  readonly events: readonly { readonly at: string; readonly message: string }[];
  readonly metrics: TrainingMetrics | null;
  /** Who serves the model, and its name there; null = the local server, under the version. */
  readonly served: { readonly provider: string; readonly model: string } | null;
  /** Why it failed. */
  readonly error: string | null;
}

/** Every call may be made again after a crash, in this order: upload, find, submit, poll. */
export interface Trainer {
  /** The format the trainer reads. */
  readonly format: 'openai-chat' | 'gemini';
  /** True for a trainer whose work is on the machine that submitted it. */
  readonly onThisHost: boolean;
  /** Puts the data where the trainer reads it; data that is there already is used. */
  upload(order: TrainingOrder): Promise<UploadedFiles>;
  /** @returns the job that was made for this run, null when there is none */
  find(order: TrainingOrder): Promise<string | null>;
  /** @returns the job's id */
  submit(order: TrainingOrder, files: UploadedFiles): Promise<string>;
  poll(jobId: string, order: TrainingOrder): Promise<TrainingProgress>;
}

/** A refusal that would only repeat itself. */
export class TrainingRefused extends Error {}
