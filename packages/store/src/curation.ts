/** What people decide about remembered answers. Answers themselves never change: a verdict says whether one is served and learned from. */
import { AiCoreError } from '@ai-core/core';
import { perform, type Act } from './act.ts';
import { collectTrainingData } from './collect-training-data.ts';

export const VERDICTS = ['none', 'verified', 'rejected', 'stale'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface CuratedMemory {
  readonly id: string;
  readonly verdict: Verdict;
  /** False: it is not served any more; the next request of its kind buys a new answer. */
  readonly isCurrent: boolean;
  readonly useForTraining: boolean;
  /** False: it had this verdict already. */
  readonly changed: boolean;
}

interface Row {
  readonly id: string;
  readonly verdict: Verdict;
  readonly is_current: boolean;
  readonly use_for_training: boolean;
}

interface Judgement {
  readonly id: string;
  /** none: a verification is taken back. */
  readonly verdict: Verdict;
  readonly reason: string | null;
}

const ROW = 'id, verdict, is_current, use_for_training';
const UPDATE = `update ai_memory set verdict = $2, verdict_by = case when $2 <> 'none' then $3 end,
    verdict_at = case when $2 <> 'none' then clock_timestamp() end, verdict_reason = $4,
    is_verified_good = $2 = 'verified', use_for_training = $2 = 'verified', is_current = is_current and $2 in ('verified', 'none'),
    updated_at = clock_timestamp()
  where id = $1 returning ${ROW}`;

function toCurated(row: Row, changed: boolean): CuratedMemory {
  return { id: row.id, verdict: row.verdict, isCurrent: row.is_current, useForTraining: row.use_for_training, changed };
}

/** Only what is served can be verified or become stale; what is rejected stays so. */
function checkJudgement(row: Row, { verdict }: Judgement): void {
  if (verdict === 'none' && row.verdict !== 'verified')
    throw new AiCoreError('REQUEST_INVALID', `the remembered answer ${row.id} is not verified, so there is nothing to take back`);
  if (verdict === 'rejected' || row.is_current) return;
  const why = row.verdict === 'rejected' || row.verdict === 'stale' ? `it is ${row.verdict}` : 'a newer answer has taken its place';
  throw new AiCoreError('REQUEST_INVALID', `the remembered answer ${row.id} is not served any more (${why}); judge the current one`);
}

async function judge(act: Act, judgement: Judgement): Promise<CuratedMemory> {
  const { id, verdict, reason } = judgement;
  const curated = await perform(act, async ({ client, record }) => {
    const before = (await client.query<Row>(`select ${ROW} from ai_memory where id = $1 for no key update`, [id])).rows[0];
    if (before === undefined) throw new AiCoreError('NOT_FOUND', `there is no remembered answer ${id}`);
    if (before.verdict === verdict) return toCurated(before, false);
    checkJudgement(before, judgement);
    const after = (await client.query<Row>(UPDATE, [id, verdict, act.actor, reason])).rows[0] ?? before;
    await record({
      action: verdict === 'none' ? 'memory.unverified' : `memory.${verdict}`,
      subject: id,
      before: { verdict: before.verdict, is_current: before.is_current },
      after: { verdict: after.verdict, is_current: after.is_current, ...(reason === null ? {} : { reason }) },
    });
    return toCurated(after, true);
  });
  // The examples to learn from follow at once; the daily collection would bring them too.
  if (curated.changed) await collectTrainingData(act.database, { memoryIds: [id], verifiedBy: act.actor });
  return curated;
}

/**
 * A person found the answer good: it may be learned from, and only an admin's act can replace it.
 * @throws NOT_FOUND; REQUEST_INVALID when the answer is not served any more
 */
export function verifyMemory(act: Act, id: string): Promise<CuratedMemory> {
  return judge(act, { id, verdict: 'verified', reason: null });
}

/**
 * Takes a verification back: the answer is served as before, and not learned from.
 * @throws NOT_FOUND; REQUEST_INVALID when it is not verified
 */
export function unverifyMemory(act: Act, id: string): Promise<CuratedMemory> {
  return judge(act, { id, verdict: 'none', reason: null });
}

/**
 * The answer is wrong: it is never served again and never learned from; the next request buys a new one.
 * @throws NOT_FOUND
 */
export function rejectMemory(act: Act, id: string, reason: string | null): Promise<CuratedMemory> {
  return judge(act, { id, verdict: 'rejected', reason });
}

/**
 * The answer was right and is out of date: the next request buys a new one.
 * @throws NOT_FOUND; REQUEST_INVALID when the answer is not served any more
 */
export function markMemoryStale(act: Act, id: string, reason: string | null): Promise<CuratedMemory> {
  return judge(act, { id, verdict: 'stale', reason });
}
