import { AiCoreError } from '@ai-core/core';
import { JOB_STATES, listJobs, showJob, type JobDetail, type JobState } from '@ai-core/store';
import { formatUsd } from '../format-usd.ts';
import { formatTable } from '../output.ts';
import type { Verb } from '../verb.ts';

const MOST_JOBS = 10_000;
const JOB_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** @throws REQUEST_INVALID when it is not the id of a job */
export function parseJobId(text: string): string {
  if (!JOB_ID.test(text))
    throw new AiCoreError('REQUEST_INVALID', `"${text}" is not a job id; ids look like 01a20d6f-a42d-744a-a7de-40b292600abc`);
  return text.toLowerCase();
}

/** What a job in the batch lane waits for, and until when. */
function describeWait({ provider, model, batch, runAfter }: JobDetail): string {
  const until = `; called on its own at ${runAfter} if there is no answer by then`;
  if (batch === null) return `a batch of ${provider}/${model}, which is being collected${until}`;
  if (batch.submittedAt === null) return `batch ${batch.id} of ${batch.requests} texts to be handed to ${provider}${until}`;
  return `batch ${batch.id} of ${batch.requests} texts, with ${provider} since ${batch.submittedAt} as ${batch.providerBatchId}${until}`;
}

function describeJob(job: JobDetail): string[] {
  const lines = [
    `job        ${job.id}`,
    `state      ${job.state}${job.errorCode === null ? '' : ` (${job.errorCode}: ${job.errorMessage ?? ''})`}`,
    `type       ${job.kind}, ${job.requestType}`,
    `model      ${job.provider}/${job.model}${job.simulated ? ' (simulated)' : ''}`,
    `chain      ${job.candidates.map((candidate) => `${candidate.provider}/${candidate.model}`).join(' -> ')}`,
    `queue      ${job.queue}, lane ${job.lane}, priority ${job.priority}`,
    `callers    ${job.callers}`,
    ...(job.state === 'batched' ? [`waits for  ${describeWait(job)}`] : []),
    `created    ${job.createdAt}`,
    `finished   ${job.finishedAt ?? '-'}`,
  ];
  if (job.history.length === 0) return lines;
  const rows = job.history.map((attempt) => [
    attempt.startedAt,
    `${attempt.provider}/${attempt.model}`,
    attempt.state,
    attempt.costNanoUsd === null ? '' : formatUsd(BigInt(attempt.costNanoUsd)),
    attempt.errorCode ?? '',
    attempt.providerRequestId ?? '',
  ]);
  return [...lines, '', ...formatTable(['started', 'model', 'state', 'cost', 'error', 'provider request'], rows)];
}

export const job: Verb = {
  declare: (program, run) =>
    program
      .command('job')
      .description('one job: its state, its chain of models and every attempt')
      .argument('<id>', 'job id')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ args, output, connect }) => {
          const id = parseJobId(args[0] ?? '');
          const { database } = await connect();
          const found = await showJob(database, id);
          if (found === null) throw new AiCoreError('NOT_FOUND', `there is no job ${id}`);
          output.result(found, describeJob(found));
        }),
      ),
};

export const jobs: Verb = {
  declare: (program, run) =>
    program
      .command('jobs')
      .description('the newest jobs')
      .option('--state <state>', `only jobs in this state: ${JOB_STATES.join(', ')}`)
      .option('--limit <n>', 'how many', '50')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ options, output, connect }) => {
          const state = options['state'] as JobState | undefined;
          if (state !== undefined && !JOB_STATES.includes(state)) {
            throw new AiCoreError('REQUEST_INVALID', `"${String(state)}" is not a state; states are ${JOB_STATES.join(', ')}`);
          }
          const limit = Number(options['limit']);
          if (!Number.isInteger(limit) || limit < 1 || limit > MOST_JOBS)
            throw new AiCoreError('REQUEST_INVALID', `--limit takes a whole number from 1 to ${MOST_JOBS}`);
          const { database } = await connect();
          const found = await listJobs(database, state ?? null, limit);
          const rows = found.map((entry) => [
            entry.id,
            entry.state,
            entry.requestType,
            `${entry.provider}/${entry.model}`,
            entry.errorCode ?? '',
            entry.createdAt,
          ]);
          output.result(found, found.length === 0 ? ['no jobs'] : formatTable(['id', 'state', 'type', 'model', 'error', 'created'], rows));
        }),
      ),
};
