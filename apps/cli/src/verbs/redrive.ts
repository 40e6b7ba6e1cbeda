import { AiCoreError, ERROR_CODES, isErrorCode, type ErrorCode } from '@ai-core/core';
import { inboxTopic, openQueue, type QueueBackend } from '@ai-core/queue';
import { cancel, listJobs, retryJobs, type RetriedJob } from '@ai-core/store';
import { EXIT } from '../exit-codes.ts';
import type { Connection, Verb } from '../verb.ts';
import { parseJobId } from './jobs.ts';

const RETRY_WORDS: Record<RetriedJob['outcome'], string> = {
  queued: 'queued again',
  not_failed: 'left alone: it has neither failed nor been cancelled',
  in_flight: 'left alone: another job works on the same request',
  unknown: 'there is no such job',
};
const MOST_RETRIED = 10_000;

async function withQueue<Result>(connection: Connection, work: (queue: QueueBackend) => Promise<Result>): Promise<Result> {
  const queue = await openQueue({ databaseUrl: connection.databaseUrl, redisUrl: connection.redisUrl, onError: () => undefined });
  try {
    return await work(queue);
  } finally {
    await queue.close();
  }
}

/** @throws REQUEST_INVALID when it is not clear which jobs are meant */
function parseChoice(ids: readonly string[], options: Readonly<Record<string, unknown>>): 'named' | { errorCode: ErrorCode | undefined } {
  const allFailed = options['allFailed'] === true;
  const errorCode = options['error'];
  if (allFailed && ids.length > 0) throw new AiCoreError('REQUEST_INVALID', 'name job ids or say --all-failed, not both');
  if (!allFailed && errorCode !== undefined) throw new AiCoreError('REQUEST_INVALID', '--error goes with --all-failed');
  if (!allFailed && ids.length === 0) throw new AiCoreError('REQUEST_INVALID', 'name at least one job id, or say --all-failed');
  if (!allFailed) return 'named';
  if (errorCode === undefined) return { errorCode };
  if (typeof errorCode === 'string' && isErrorCode(errorCode)) return { errorCode };
  throw new AiCoreError('REQUEST_INVALID', `there is no error code of that name; codes are ${ERROR_CODES.join(', ')}`);
}

async function listFailed({ database }: Connection, errorCode: ErrorCode | undefined): Promise<string[]> {
  const failed = await listJobs(database, 'failed', MOST_RETRIED);
  return failed.filter((job) => errorCode === undefined || job.errorCode === errorCode).map((job) => job.id);
}

export const retryJob: Verb = {
  declare: (program, run) =>
    program
      .command('retry')
      .description('send failed or cancelled jobs round again, from their first model')
      .argument('[ids...]', 'job ids')
      .option('--all-failed', 'every failed job')
      .option('--error <code>', 'with --all-failed: only those with this error code')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ args, options, output, connect }) => {
          const named = args.map(parseJobId);
          const choice = parseChoice(named, options);
          const connection = await connect();
          const ids = choice === 'named' ? named : await listFailed(connection, choice.errorCode);
          const retried = await retryJobs(connection.database, ids);
          const dispatches = retried.flatMap((job) => (job.dispatch === null ? [] : [job.dispatch]));
          // When the queue is away the sweeper dispatches them: the ledger already says queued.
          await withQueue(connection, (queue) => queue.dispatch(dispatches)).catch(() =>
            output.note('the queue is unreachable; the sweeper will dispatch the jobs'),
          );
          output.result(
            { queued: dispatches.length, jobs: retried.map((job) => ({ job_id: job.jobId, outcome: job.outcome })) },
            retried.length === 0 ? ['no job to retry'] : retried.map((job) => `${job.jobId}  ${RETRY_WORDS[job.outcome]}`),
          );
          return retried.every((job) => job.outcome === 'queued') ? EXIT.ok : EXIT.failed;
        }),
      ),
};

export const cancelJob: Verb = {
  declare: (program, run) =>
    program
      .command('cancel')
      .description('cancel a job for everyone who waits for it')
      .argument('<id>', 'job id')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ args, output, connect }) => {
          const id = parseJobId(args[0] ?? '');
          const connection = await connect();
          const cancelled = await cancel(connection.database, id, null);
          if (cancelled.outcome === 'unknown') throw new AiCoreError('NOT_FOUND', `there is no job ${id}`);
          await withQueue(connection, (queue) =>
            queue.messages.publish(cancelled.replyTo.map((inbox) => ({ topic: inboxTopic(inbox), text: id }))),
          ).catch(() => undefined);
          output.result({ job_id: id, outcome: cancelled.outcome }, [
            `${id}  ${cancelled.outcome === 'finished' ? 'has finished already; there is nothing to cancel' : cancelled.outcome}`,
          ]);
          return cancelled.outcome === 'finished' ? EXIT.failed : EXIT.ok;
        }),
      ),
};
