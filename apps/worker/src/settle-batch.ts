import type { BatchApi, BatchRow, TextResult } from '@ai-core/providers';
import {
  accountCallers,
  failBatched,
  finishBatch,
  listBatchLines,
  putBatch,
  returnBatch,
  settleBatched,
  toSettleJson,
  type BatchLine,
  type ClaimedJob,
  type FailedAttempt,
  type FailureSettlement,
  type HeldBatch,
} from '@ai-core/store';
import { callOf, toItems, toJob } from './batch-api.ts';
import { dispatchJobs } from './dispatch-jobs.ts';
import { failJobBy } from './fail-job.ts';
import { toPaidText } from './paid-text.ts';
import type { Services } from './services.ts';
import { wakeCallers } from './wake-callers.ts';

/** Answers settled in one transaction. */
const AT_ONCE = 100;
/** Batches end after a day by themselves; one that is still there after so long is ended by us. */
const LONGEST_RUN_MS = 26 * 3_600_000;

/** Looks at a batch that the provider has, and settles it line by line when it has ended. */
export async function lookAfterBatch(services: Services, batch: HeldBatch, api: BatchApi): Promise<void> {
  const known = { providerBatchId: batch.providerBatchId ?? '', ...callOf(services) };
  const held = { batchId: batch.id, workerId: services.workerId() };
  const { ending, word } = await api.look(known);
  if (ending === null) {
    const unwanted = batch.waiting === 0 || batch.runningForMs > LONGEST_RUN_MS;
    if (unwanted && !batch.cancelled) {
      await api.cancel(known);
      services.log.info(
        { batch: batch.id, provider: batch.provider, waiting: batch.waiting },
        'a batch nobody waits for any more is ended early',
      );
    }
    await putBatch(services.database, held, { nextMs: services.settings.batches.pollMs, cancelled: unwanted && !batch.cancelled });
    return;
  }
  const lines = await listBatchLines(services.database, batch.id);
  const rows = await api.read(known, await toItems(services, batch, lines));
  if (rows.length === 0 && !api.keepsOurId && lines.length > 0 && lines.every(({ settled }) => !settled)) {
    // A batch comes back with all its lines: it was somebody else's with as many.
    await putBatch(services.database, held, { nextMs: 0, foreignId: known.providerBatchId });
    services.log.warn({ batch: batch.id, provider: batch.provider, ...known }, 'a batch that was taken for one of ours is not');
    return;
  }
  await settleRows(services, batch, { lines, rows });
  services.log.info(
    { batch: batch.id, provider: batch.provider, model: batch.model, lines: lines.length, rows: rows.length, word },
    'a batch came back',
  );
  await endBatch(services, batch, { ending });
}

interface ReadBatch {
  readonly lines: readonly BatchLine[];
  readonly rows: readonly BatchRow[];
}

async function settleRows(services: Services, batch: HeldBatch, { lines, rows }: ReadBatch): Promise<void> {
  const open = new Map(lines.filter(({ settled }) => !settled).map((line) => [line.customId, line]));
  const held = { batchId: batch.id, workerId: services.workerId() };
  const answers: Record<string, unknown>[] = [];
  for (const row of rows) {
    const line = open.get(row.customId);
    if (line === undefined || row.outcome === 'unserved') continue;
    if (row.outcome === 'failed') {
      const write = (failure: FailedAttempt): Promise<FailureSettlement> => failBatched(services.database, held, failure);
      await failJobBy(services, { job: toJob(batch, line), thrown: row.failure, write });
      continue;
    }
    answers.push(await answerJson(services, toJob(batch, line), row.result));
    if (answers.length >= AT_ONCE) await settleAnswers(services, held, answers.splice(0));
  }
  await settleAnswers(services, held, answers);
}

async function answerJson(services: Services, job: ClaimedJob, result: TextResult): Promise<Record<string, unknown>> {
  return toSettleJson(await toPaidText(services, job, { result, latencyMs: Date.now() - job.startedAt.getTime() }));
}

async function settleAnswers(
  services: Services,
  held: { readonly batchId: string; readonly workerId: string },
  answers: readonly Record<string, unknown>[],
): Promise<void> {
  if (answers.length === 0) return;
  for (const { jobId, outcome, replyTo, more } of await settleBatched(services.database, held, answers)) {
    if (outcome === 'late') continue;
    wakeCallers(services, jobId, replyTo);
    if (more) await accountCallers(services.database, jobId).catch(() => undefined);
  }
}

const RETURNED_AT_ONCE = 200;

/**
 * Ends a batch: what it has not answered goes on at once, and its books are closed. The lines of a batch that was cut short, or that
 * the provider never had, cost nothing; a line that a complete batch does not have may have.
 */
export async function endBatch(
  services: Services,
  batch: HeldBatch,
  end: { readonly ending: string | null; readonly errorCode?: string | undefined; readonly errorMessage?: string | undefined },
): Promise<void> {
  const charged = end.ending === 'complete' ? 'unknown' : 'no';
  for (let lines = RETURNED_AT_ONCE; lines === RETURNED_AT_ONCE;) {
    const returned = await returnBatch(services.database, batch.id, { charged, limit: RETURNED_AT_ONCE });
    await dispatchJobs(services, returned.dispatches);
    lines = returned.lines;
  }
  await finishBatch(services.database, batch.id, end);
}
