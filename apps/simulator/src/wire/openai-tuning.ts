/** OpenAI's files and fine-tuning jobs. */
import { z } from 'zod';
import { FILE_PURPOSES, relevance, type StoredFile, type TuningJob } from '../tuning.ts';
import { openai } from '../vendors/openai.ts';
import { type FreeRoute, jsonReply, type Reply } from '../wire.ts';
import { readPairs } from './tuning-pairs.ts';

const FEWEST_EXAMPLES = 10;
/** Share of what there is to learn that is learned after each epoch. */
const LEARNED_AFTER = [0.6, 0.85, 1] as const;

const JobBody = z.strictObject({
  model: z.string().min(1),
  training_file: z.string(),
  validation_file: z.string().optional(),
  suffix: z.string().min(1).max(64).optional(),
  seed: z.int().optional(),
  metadata: z.record(z.string().max(64), z.string().max(512)).optional(),
  method: z
    .object({ type: z.enum(['supervised', 'dpo']) })
    .loose()
    .optional(),
});

function notFound(what: string): Reply {
  return jsonReply({ error: { message: `No such ${what}.`, type: 'invalid_request_error', param: null, code: null } }, { status: 404 });
}

function fileBody({ id, name, bytes, purpose }: StoredFile): object {
  return { id, object: 'file', bytes: bytes.length, created_at: 1_767_225_600, filename: name, purpose, status: 'processed' };
}

const JOB_STATE = ['queued', 'running', 'succeeded'] as const;

function jobBody(job: TuningJob): object {
  const state = JOB_STATE[Math.min(Math.max(0, job.looks - 1), 2)] ?? 'succeeded';
  const done = state === 'succeeded';
  return {
    id: job.id,
    object: 'fine_tuning.job',
    model: job.baseModel,
    status: state,
    created_at: job.createdAtS,
    finished_at: done ? job.createdAtS + 1_800 : null,
    fine_tuned_model: done ? job.model : null,
    trained_tokens: done ? job.trainedTokens : null,
    user_provided_suffix: job.suffix,
    metadata: job.metadata,
    error: null,
    result_files: [],
  };
}

export const openaiTuning: readonly FreeRoute[] = [
  {
    kind: 'free',
    vendor: openai,
    method: 'POST',
    path: /^\/v1\/files$/,
    async answer(request, { tuning }) {
      const form = await new Response(new Uint8Array(request.bytes), {
        headers: { 'content-type': request.headers['content-type'] ?? '' },
      }).formData();
      const file = form.get('file');
      const purpose = FILE_PURPOSES.find((known) => known === form.get('purpose'));
      if (purpose === undefined || !(file instanceof File))
        throw new Error(`A file with the purpose ${FILE_PURPOSES.join(' or ')} is required.`);
      return jsonReply(fileBody(tuning.keepFile(file.name, Buffer.from(await file.arrayBuffer()), purpose)));
    },
  },
  {
    kind: 'free',
    vendor: openai,
    method: 'GET',
    path: /^\/v1\/files$/,
    answer: (_request, { tuning }) => jsonReply({ object: 'list', data: tuning.files().map(fileBody), has_more: false }),
  },
  {
    kind: 'free',
    vendor: openai,
    method: 'POST',
    path: /^\/v1\/fine_tuning\/jobs$/,
    answer(request, { tuning }) {
      const body = JobBody.parse(request.body);
      const training = tuning.file(body.training_file);
      if (training === undefined) return notFound('file');
      const pairs = readPairs(training.bytes, 'chat');
      if (pairs.length < FEWEST_EXAMPLES)
        throw new Error(`Training file has ${pairs.length} examples, but must have at least ${FEWEST_EXAMPLES}.`);
      const validation = body.validation_file === undefined ? undefined : tuning.file(body.validation_file);
      const job = tuning.start({
        baseModel: body.model,
        suffix: body.suffix ?? 'tuned',
        metadata: body.metadata ?? {},
        pairs,
        validation: validation === undefined ? [] : readPairs(validation.bytes, 'chat'),
      });
      return jsonReply(jobBody(job));
    },
  },
  {
    kind: 'free',
    vendor: openai,
    method: 'GET',
    path: /^\/v1\/fine_tuning\/jobs$/,
    answer: (_request, { tuning }) => jsonReply({ object: 'list', data: tuning.jobs().toReversed().map(jobBody), has_more: false }),
  },
  {
    kind: 'free',
    vendor: openai,
    method: 'GET',
    path: /^\/v1\/fine_tuning\/jobs\/([^/]+)$/,
    answer(request, { tuning }) {
      const found = tuning.look(request.groups[0] ?? '');
      return found === undefined ? notFound('job') : jsonReply(jobBody(found.job));
    },
  },
  {
    kind: 'free',
    vendor: openai,
    method: 'GET',
    path: /^\/v1\/fine_tuning\/jobs\/([^/]+)\/events$/,
    answer(request, { tuning }) {
      const job = tuning.jobs().find(({ id }) => id === request.groups[0]);
      if (job === undefined) return notFound('job');
      const event = (n: number, message: string): object => ({
        id: `ftevent-${job.id}-${n}`,
        object: 'fine_tuning.job.event',
        created_at: job.createdAtS + n,
        level: 'info',
        message,
        type: 'message',
        data: {},
      });
      const events = [
        event(0, 'Created fine-tuning job'),
        ...(job.looks > 1 ? [event(1, 'Fine-tuning job started')] : []),
        ...(job.looks > 2 ? [event(2, 'The job has successfully completed')] : []),
      ];
      return jsonReply({ object: 'list', data: events.toReversed(), has_more: false });
    },
  },
  {
    kind: 'free',
    vendor: openai,
    method: 'GET',
    path: /^\/v1\/fine_tuning\/jobs\/([^/]+)\/checkpoints$/,
    answer(request, { tuning }) {
      const job = tuning.jobs().find(({ id }) => id === request.groups[0]);
      if (job === undefined) return notFound('job');
      const good = relevance(job.pairs);
      const valid = relevance(job.validation.length > 0 ? job.validation : job.pairs);
      // One after each of three epochs, newest first, as OpenAI keeps them.
      const checkpoint = (epoch: number): object => {
        const learned = LEARNED_AFTER[epoch - 1] ?? 1;
        return {
          id: `ftckpt-${job.id}-${epoch}`,
          object: 'fine_tuning.job.checkpoint',
          step_number: job.pairs.length * epoch,
          fine_tuning_job_id: job.id,
          metrics: {
            step: job.pairs.length * epoch,
            train_loss: 2 - 1.6 * good * learned,
            train_mean_token_accuracy: 0.3 + 0.6 * good * learned,
            full_valid_loss: 2.2 - 1.6 * valid * learned,
            full_valid_mean_token_accuracy: 0.25 + 0.6 * good * learned,
          },
        };
      };
      return jsonReply({ object: 'list', data: [3, 2, 1].map(checkpoint), has_more: false });
    },
  },
];
