import { AiCoreError } from '@ai-core/core';
import { inboxTopic, openQueue, type QueueBackend } from '@ai-core/queue';
import { cancel, listJobs, retryJobs } from '@ai-core/store';
import { EXIT } from '../exit-codes.ts';
import type { Connection, Verb } from '../verb.ts';
import { parseJobId } from './jobs.ts';

async function withQueue<Result>(connection: Connection, work: (queue: QueueBackend) => Promise<Result>): Promise<Result> {
  const queue = await openQueue({ databaseUrl: connection.databaseUrl, redisUrl: connection.redisUrl, onError: () => undefined });
  try {
    return await work(queue);
  } finally {
    await queue.close();
  }
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
          const connection = await connect();
          let ids = args.map(parseJobId);
          if (options['allFailed'] === true) {
            const failed = await listJobs(connection.database, 'failed', 10_000);
            ids = failed.filter((job) => options['error'] === undefined || job.errorCode === options['error']).map((job) => job.id);
          } else if (ids.length === 0) {
            throw new AiCoreError('REQUEST_INVALID', 'name at least one job id, or say --all-failed');
          }
          const retried = await retryJobs(connection.database, ids);
          const dispatches = retried.flatMap((job) => (job.dispatch === null ? [] : [job.dispatch]));
          // When the queue is away the sweeper dispatches them: the ledger already says queued.
          await withQueue(connection, (queue) => queue.dispatch(dispatches)).catch(() =>
            output.note('the queue is unreachable; the sweeper will dispatch the jobs'),
          );
          output.result(
            { queued: dispatches.length, jobs: retried.map((job) => ({ job_id: job.jobId, outcome: job.outcome })) },
            retried.length === 0 ? ['no job to retry'] : retried.map((job) => `${job.jobId}  ${job.outcome}`),
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
          const connection = await connect();
          const id = parseJobId(args[0] ?? '');
          const cancelled = await cancel(connection.database, id, null);
          if (cancelled.outcome === 'unknown') throw new AiCoreError('NOT_FOUND', `there is no job ${id}`);
          await withQueue(connection, (queue) =>
            queue.messages.publish(cancelled.replyTo.map((inbox) => ({ topic: inboxTopic(inbox), text: id }))),
          ).catch(() => undefined);
          output.result({ job_id: id, outcome: cancelled.outcome }, [`${id}  ${cancelled.outcome}`]);
          return cancelled.outcome === 'finished' ? EXIT.failed : EXIT.ok;
        }),
      ),
};
