/**
 * OpenAI's fine-tuning: files, then a job that is polled. OpenAI has announced to end it on 2027-01-06; base models that are tuned by
 * then can be asked for as long as they live.
 */
import { openAsBlob } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { callJson } from '../call-json.ts';
import type { Trainer, TrainingMetrics, TrainingOrder, UploadedFiles } from '../trainer.ts';
import { trainingCost } from '../training-cost.ts';

export interface OpenAiTrainerSettings {
  readonly apiKey: string;
  /** null = OpenAI's own. */
  readonly baseUrl: string | null;
}

const OWN_ADDRESS = 'https://api.openai.com/v1';
const UPLOAD_MS = 10 * 60_000;
const PAGE = 100;
/** The metadata field that holds our run's id. */
const OUR_RUN = 'ai_core_run';

const File_ = z.object({ id: z.string(), filename: z.string(), bytes: z.number(), status: z.string().optional() });
const Files = z.object({ data: z.array(File_), has_more: z.boolean().optional() });
const Job = z.object({
  id: z.string(),
  status: z.string(),
  metadata: z.record(z.string(), z.string()).nullish(),
  fine_tuned_model: z.string().nullish(),
  trained_tokens: z.number().nullish(),
  created_at: z.number(),
  finished_at: z.number().nullish(),
  error: z.object({ message: z.string().nullish() }).nullish(),
});
const Jobs = z.object({ data: z.array(Job), has_more: z.boolean().optional() });
const Events = z.object({ data: z.array(z.object({ created_at: z.number(), message: z.string() })) });
const Checkpoints = z.object({
  data: z.array(
    z.object({
      step_number: z.number().optional(),
      metrics: z.object({
        train_loss: z.number().nullish(),
        valid_loss: z.number().nullish(),
        full_valid_loss: z.number().nullish(),
        valid_mean_token_accuracy: z.number().nullish(),
        full_valid_mean_token_accuracy: z.number().nullish(),
      }),
    }),
  ),
});
type Job = z.infer<typeof Job>;

const FAILED = new Set(['failed', 'cancelled']);

function iso(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}

/** Suffixes are short and plain. */
function suffixOf(version: string): string {
  return version.replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, 64);
}

export function openaiTrainer({ apiKey, baseUrl }: OpenAiTrainerSettings): Trainer {
  const base = baseUrl ?? OWN_ADDRESS;
  const headers = { authorization: `Bearer ${apiKey}` };
  const call = (where: string, more: { method?: 'POST'; body?: object | FormData; timeoutMs?: number } = {}): Promise<unknown> =>
    callJson(`${base}${where}`, { headers, who: 'OpenAI', ...more });

  /** Goes through a list page by page. */
  async function* pages<Item extends { id: string }>(
    where: string,
    schema: z.ZodType<{ data: Item[]; has_more?: boolean | undefined }>,
  ): AsyncGenerator<Item> {
    for (let after = ''; ;) {
      const page = schema.parse(
        await call(`${where}${where.includes('?') ? '&' : '?'}limit=${PAGE}${after === '' ? '' : `&after=${after}`}`),
      );
      yield* page.data;
      const last = page.data.at(-1);
      if (page.has_more !== true || last === undefined) return;
      after = last.id;
    }
  }

  async function findFile(name: string): Promise<string | undefined> {
    for await (const file of pages('/files?purpose=fine-tune', Files)) {
      if (file.filename === name && file.status !== 'error') return file.id;
    }
    return undefined;
  }

  /** The name tells the run and the content, so a file that came through before a crash is found again. */
  async function uploadOne(order: TrainingOrder, part: 'train' | 'validation', file: string): Promise<string> {
    const name = `${order.runId}-${part}${path.extname(file)}`;
    const known = await findFile(name);
    if (known !== undefined) return known;
    const form = new FormData();
    form.append('purpose', 'fine-tune');
    form.append('file', await openAsBlob(file), name);
    return File_.parse(await call('/files', { method: 'POST', body: form, timeoutMs: UPLOAD_MS })).id;
  }

  async function readMetrics(job: Job, baseModel: string): Promise<TrainingMetrics> {
    const checkpoints = Checkpoints.parse(await call(`/fine_tuning/jobs/${job.id}/checkpoints`)).data;
    const curve = checkpoints
      .map(({ step_number: step = 0, metrics }) => ({
        step,
        training_loss: metrics.train_loss ?? null,
        validation_loss: metrics.full_valid_loss ?? metrics.valid_loss ?? null,
        validation_accuracy: metrics.full_valid_mean_token_accuracy ?? metrics.valid_mean_token_accuracy ?? null,
      }))
      .toSorted((one, two) => one.step - two.step);
    const last = curve.at(-1);
    const trainedTokens = job.trained_tokens ?? null;
    return {
      trainedTokens,
      costNanoUsd: trainingCost(baseModel, trainedTokens),
      durationMinutes: job.finished_at == null ? null : (job.finished_at - job.created_at) / 60,
      trainingLoss: last?.training_loss ?? null,
      validationLoss: last?.validation_loss ?? null,
      validationAccuracy: last?.validation_accuracy ?? null,
      curve,
    };
  }

  return {
    format: 'openai-chat',
    onThisHost: false,

    async upload(order): Promise<UploadedFiles> {
      const training = await uploadOne(order, 'train', order.trainingPath);
      if (order.validationPath === null) return { training };
      return { training, validation: await uploadOne(order, 'validation', order.validationPath) };
    },

    async find(order) {
      for await (const job of pages('/fine_tuning/jobs', Jobs)) {
        if (job.metadata?.[OUR_RUN] === order.runId) return job.id;
      }
      return null;
    },

    async submit(order, files) {
      const body = {
        model: order.baseModel,
        training_file: files['training'],
        ...(files['validation'] === undefined ? {} : { validation_file: files['validation'] }),
        suffix: suffixOf(order.version),
        metadata: { [OUR_RUN]: order.runId, batch: order.batchId },
        ...(Object.keys(order.hyperparameters).length === 0
          ? {}
          : { method: { type: 'supervised', supervised: { hyperparameters: order.hyperparameters } } }),
      };
      return Job.parse(await call('/fine_tuning/jobs', { method: 'POST', body })).id;
    },

    async poll(jobId, order) {
      const job = Job.parse(await call(`/fine_tuning/jobs/${jobId}`));
      const listed = Events.parse(await call(`/fine_tuning/jobs/${jobId}/events?limit=${PAGE}`)).data;
      const events = listed.map((event) => ({ at: iso(event.created_at), message: event.message })).toReversed();
      if (FAILED.has(job.status)) {
        return { state: 'failed', events, metrics: null, served: null, error: job.error?.message ?? `the job has ${job.status}` };
      }
      if (job.status !== 'succeeded' || job.fine_tuned_model == null)
        return { state: 'running', events, metrics: null, served: null, error: null };
      return {
        state: 'succeeded',
        events,
        metrics: await readMetrics(job, order.baseModel),
        served: { provider: 'openai', model: job.fine_tuned_model },
        error: null,
      };
    },
  };
}
