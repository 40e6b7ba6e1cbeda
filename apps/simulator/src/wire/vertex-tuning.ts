/** Tuning jobs of Vertex AI, and the storage that their data is in. */
import { z } from 'zod';
import { relevance, type TuningJob } from '../tuning.ts';
import { gemini } from '../vendors/google.ts';
import { type FreeRoute, jsonReply, type Reply } from '../wire.ts';
import { readPairs } from './tuning-pairs.ts';

const JobBody = z.strictObject({
  baseModel: z.string().min(1),
  supervisedTuningSpec: z.strictObject({
    trainingDatasetUri: z.string().startsWith('gs://'),
    validationDatasetUri: z.string().startsWith('gs://').optional(),
    hyperParameters: z.object({}).loose().optional(),
  }),
  tunedModelDisplayName: z.string().min(1).max(128),
  labels: z.record(z.string(), z.string()).optional(),
});

const PARENT = String.raw`\/v1\/projects\/([^/]+)\/locations\/([^/]+)`;
const STATES = ['JOB_STATE_PENDING', 'JOB_STATE_RUNNING', 'JOB_STATE_SUCCEEDED'] as const;

function jobBody(job: TuningJob, parent: string): object {
  const state = STATES[Math.min(Math.max(0, job.looks - 1), 2)] ?? 'JOB_STATE_SUCCEEDED';
  const done = state === 'JOB_STATE_SUCCEEDED';
  return {
    name: `${parent}/tuningJobs/${job.id}`,
    baseModel: job.baseModel,
    tunedModelDisplayName: job.suffix,
    labels: job.metadata,
    state,
    createTime: new Date(job.createdAtS * 1_000).toISOString(),
    ...(done
      ? {
          endTime: new Date((job.createdAtS + 1_800) * 1_000).toISOString(),
          tunedModel: { model: `${parent}/models/${job.id}`, endpoint: `${parent}/endpoints/${job.id}` },
          tuningDataStats: {
            supervisedTuningDataStats: {
              tuningDatasetExampleCount: String(job.pairs.length),
              totalBillableTokenCount: String(job.trainedTokens),
            },
          },
          metrics: { validationLoss: 2.2 - 1.6 * relevance(job.validation.length > 0 ? job.validation : job.pairs) },
        }
      : {}),
  };
}

function parentOf(groups: readonly string[]): string {
  return `projects/${groups[0]}/locations/${groups[1]}`;
}

function notFound(): Reply {
  return jsonReply({ error: { code: 404, message: 'Not found.', status: 'NOT_FOUND' } }, { status: 404 });
}

export const vertexTuning: readonly FreeRoute[] = [
  {
    kind: 'free',
    vendor: gemini,
    method: 'POST',
    path: /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/,
    answer(request, { tuning }) {
      const name = request.query.get('name') ?? '';
      const file = tuning.keepFile(`gs://${request.groups[0]}/${name}`, request.bytes);
      return jsonReply({ kind: 'storage#object', id: file.id, name, bucket: request.groups[0], size: String(file.bytes.length) });
    },
  },
  {
    kind: 'free',
    vendor: gemini,
    method: 'POST',
    path: new RegExp(`^${PARENT}\\/tuningJobs$`),
    answer(request, { tuning }) {
      const body = JobBody.parse(request.body);
      const find = (uri: string | undefined) => tuning.files().findLast(({ name }) => name === uri);
      const training = find(body.supervisedTuningSpec.trainingDatasetUri);
      if (training === undefined) return notFound();
      const validation = find(body.supervisedTuningSpec.validationDatasetUri);
      const job = tuning.start({
        baseModel: body.baseModel,
        suffix: body.tunedModelDisplayName,
        metadata: body.labels ?? {},
        pairs: readPairs(training.bytes, 'contents'),
        validation: validation === undefined ? [] : readPairs(validation.bytes, 'contents'),
      });
      return jsonReply(jobBody(job, parentOf(request.groups)));
    },
  },
  {
    kind: 'free',
    vendor: gemini,
    method: 'GET',
    path: new RegExp(`^${PARENT}\\/tuningJobs$`),
    answer: (request, { tuning }) => jsonReply({ tuningJobs: tuning.jobs().map((job) => jobBody(job, parentOf(request.groups))) }),
  },
  {
    kind: 'free',
    vendor: gemini,
    method: 'GET',
    path: new RegExp(`^${PARENT}\\/tuningJobs\\/([^/]+)$`),
    answer(request, { tuning }) {
      const found = tuning.look(request.groups[2] ?? '');
      return found === undefined ? notFound() : jsonReply(jobBody(found.job, parentOf(request.groups)));
    },
  },
];
