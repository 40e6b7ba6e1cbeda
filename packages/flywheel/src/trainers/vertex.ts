/** Supervised tuning of Gemini on Vertex AI: data goes into a bucket, the tuning job is made and polled by plain REST. */
import { createSign } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { z } from 'zod';
import { callJson } from '../call-json.ts';
import type { Trainer, TrainingOrder, UploadedFiles } from '../trainer.ts';
import { trainingCost } from '../training-cost.ts';

export interface VertexTrainerSettings {
  readonly project: string;
  readonly location: string;
  /** Bucket of the training data. */
  readonly bucket: string;
  /** JSON of a service account's key. */
  readonly serviceAccount: string;
  /** Another address for the API and the storage; null = Google's own. */
  readonly baseUrl: string | null;
}

const Account = z.object({
  client_email: z.string(),
  private_key: z.string(),
  token_uri: z.url().default('https://oauth2.googleapis.com/token'),
});
const Token = z.object({ access_token: z.string(), expires_in: z.number().default(3_600) });
const Job = z.object({
  name: z.string(),
  state: z.string(),
  labels: z.record(z.string(), z.string()).nullish(),
  createTime: z.string(),
  endTime: z.string().nullish(),
  tunedModel: z.object({ endpoint: z.string().nullish(), model: z.string().nullish() }).nullish(),
  tuningDataStats: z
    .object({ supervisedTuningDataStats: z.object({ totalBillableTokenCount: z.coerce.number().nullish() }).nullish() })
    .nullish(),
  metrics: z.object({ validationLoss: z.number().nullish(), validationAccuracy: z.number().nullish() }).nullish(),
  error: z.object({ message: z.string().nullish() }).nullish(),
});
const Jobs = z.object({ tuningJobs: z.array(Job).default([]), nextPageToken: z.string().nullish() });

const UPLOAD_MS = 10 * 60_000;
const ASSERTION_S = 3_600;
const RENEW_BEFORE_MS = 60_000;
const OUR_RUN = 'ai_core_run';
const ENDED = new Set(['JOB_STATE_FAILED', 'JOB_STATE_CANCELLED', 'JOB_STATE_EXPIRED']);

function base64(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Access tokens of a service account (RFC 7523), one for as long as it lasts. */
function tokenSource(serviceAccount: string): () => Promise<string> {
  let token: { text: string; until: number } | undefined;
  return async () => {
    if (token !== undefined && Date.now() < token.until - RENEW_BEFORE_MS) return token.text;
    const account = Account.parse(JSON.parse(serviceAccount));
    const now = Math.floor(Date.now() / 1_000);
    const claims = {
      iss: account.client_email,
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      aud: account.token_uri,
      iat: now,
      exp: now + ASSERTION_S,
    };
    const unsigned = `${base64({ alg: 'RS256', typ: 'JWT' })}.${base64(claims)}`;
    const assertion = `${unsigned}.${createSign('RSA-SHA256').update(unsigned).sign(account.private_key, 'base64url')}`;
    const body = new Blob([new URLSearchParams({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion }).toString()]);
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = Token.parse(await callJson(account.token_uri, { method: 'POST', headers, body, who: 'Google’s token service' }));
    token = { text: answer.access_token, until: Date.now() + answer.expires_in * 1_000 };
    return token.text;
  };
}

export function vertexTrainer(settings: VertexTrainerSettings): Trainer {
  const { project, location, bucket, baseUrl } = settings;
  const api = baseUrl ?? `https://${location}-aiplatform.googleapis.com`;
  const storage = baseUrl ?? 'https://storage.googleapis.com';
  const parent = `/v1/projects/${project}/locations/${location}/tuningJobs`;
  const accessToken = tokenSource(settings.serviceAccount);

  async function call(
    url: string,
    more: { method?: 'POST'; body?: object | Blob; contentType?: string; timeoutMs?: number } = {},
  ): Promise<unknown> {
    const headers = {
      authorization: `Bearer ${await accessToken()}`,
      ...(more.contentType === undefined ? {} : { 'content-type': more.contentType }),
    };
    return callJson(url, { headers, who: 'Vertex AI', ...more });
  }

  /** The same name for the same data of the same run: writing it again changes nothing. */
  async function uploadOne(order: TrainingOrder, part: string, file: string): Promise<string> {
    const name = `ai-core/${order.runId}/${part}.jsonl`;
    const url = `${storage}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=${encodeURIComponent(name)}`;
    await call(url, { method: 'POST', body: await openAsBlob(file), contentType: 'application/jsonl', timeoutMs: UPLOAD_MS });
    return `gs://${bucket}/${name}`;
  }

  return {
    format: 'gemini',
    onThisHost: false,

    async upload(order): Promise<UploadedFiles> {
      const training = await uploadOne(order, 'train', order.trainingPath);
      if (order.validationPath === null) return { training };
      return { training, validation: await uploadOne(order, 'validation', order.validationPath) };
    },

    async find(order) {
      for (let page = ''; ;) {
        const listed = Jobs.parse(await call(`${api}${parent}?pageSize=100${page === '' ? '' : `&pageToken=${page}`}`));
        const found = listed.tuningJobs.find(({ labels }) => labels?.[OUR_RUN] === order.runId);
        if (found !== undefined) return found.name;
        if (listed.nextPageToken == null || listed.nextPageToken === '') return null;
        page = listed.nextPageToken;
      }
    },

    async submit(order, files) {
      const body = {
        baseModel: order.baseModel,
        supervisedTuningSpec: {
          trainingDatasetUri: files['training'],
          ...(files['validation'] === undefined ? {} : { validationDatasetUri: files['validation'] }),
          ...(Object.keys(order.hyperparameters).length === 0 ? {} : { hyperParameters: order.hyperparameters }),
        },
        tunedModelDisplayName: order.version,
        labels: { [OUR_RUN]: order.runId },
      };
      return Job.parse(await call(`${api}${parent}`, { method: 'POST', body })).name;
    },

    async poll(jobId, order) {
      const job = Job.parse(await call(`${api}/v1/${jobId}`));
      const events = [
        { at: job.createTime, message: `made: ${job.name}` },
        ...(job.endTime == null ? [] : [{ at: job.endTime, message: `ended as ${job.state}` }]),
      ];
      if (ENDED.has(job.state)) return { state: 'failed', events, metrics: null, served: null, error: job.error?.message ?? job.state };
      if (job.state !== 'JOB_STATE_SUCCEEDED') return { state: 'running', events, metrics: null, served: null, error: null };
      const trainedTokens = job.tuningDataStats?.supervisedTuningDataStats?.totalBillableTokenCount ?? null;
      const minutes = job.endTime == null ? null : (Date.parse(job.endTime) - Date.parse(job.createTime)) / 60_000;
      return {
        state: 'succeeded',
        events,
        metrics: {
          trainedTokens,
          costNanoUsd: trainingCost(order.baseModel, trainedTokens),
          durationMinutes: minutes,
          trainingLoss: null,
          validationLoss: job.metrics?.validationLoss ?? null,
          validationAccuracy: job.metrics?.validationAccuracy ?? null,
          curve: [],
        },
        // Its endpoint speaks OpenAI's wire too: LOCAL_MODEL_BASE_URL names it.
        served: { provider: 'local_small_model', model: job.tunedModel?.endpoint ?? job.tunedModel?.model ?? order.version },
        error: null,
      };
    },
  };
}
