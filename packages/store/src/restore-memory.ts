import { AiCoreError } from '@ai-core/core';
import { perform, type Act } from './act.ts';
import { collectTrainingData } from './collect-training-data.ts';
import type { CuratedMemory, Verdict } from './curation.ts';

interface Row {
  readonly verdict: Verdict;
  readonly is_current: boolean;
  readonly superseded: boolean;
}

const READ = `select m.verdict, m.is_current, m.superseded_by is not null or exists (select from ai_memory c where c.prompt_hash = m.prompt_hash
    and c.scope = m.scope and c.simulated = m.simulated and c.is_current and c.id <> m.id) as superseded
  from ai_memory m where m.id = $1 for no key update of m`;
// What an act has changed stands in the audit log; what a program has made stale does not, and was unjudged.
const BEFORE = `select coalesce((select case when before ->> 'verdict' = 'verified' then 'verified' else 'none' end from ai_audit_log
    where subject = $1 and action in ('memory.rejected', 'memory.stale') order by at desc limit 1), 'none') as verdict`;
const RESTORE = `update ai_memory set verdict = $2, verdict_by = case when $2 = 'verified' then $3 end,
    verdict_at = case when $2 = 'verified' then clock_timestamp() end, verdict_reason = null, is_verified_good = $2 = 'verified',
    use_for_training = $2 = 'verified', is_current = true, updated_at = clock_timestamp() where id = $1`;

/**
 * Takes a rejection, or being stale, back: the answer is served again and is verified if it was before.
 * @throws NOT_FOUND; REQUEST_INVALID when it is neither, or when a newer answer has been bought meanwhile
 */
export async function restoreMemory(act: Act, id: string): Promise<CuratedMemory> {
  const verdict = await perform(act, async ({ client, record }) => {
    const before = (await client.query<Row>(READ, [id])).rows[0];
    if (before === undefined) throw new AiCoreError('NOT_FOUND', `there is no remembered answer ${id}`);
    if (before.verdict !== 'rejected' && before.verdict !== 'stale')
      throw new AiCoreError(
        'REQUEST_INVALID',
        `the remembered answer ${id} is neither rejected nor stale, so there is nothing to take back`,
      );
    if (before.superseded)
      throw new AiCoreError('REQUEST_INVALID', `the remembered answer ${id} stays ${before.verdict}: a newer answer has taken its place`);
    const { rows } = await client.query<{ verdict: Verdict }>(BEFORE, [id]);
    const restored = rows[0]?.verdict ?? 'none';
    await client.query(RESTORE, [id, restored, act.actor]);
    await record({
      action: 'memory.restored',
      subject: id,
      before: { verdict: before.verdict, is_current: before.is_current },
      after: { verdict: restored, is_current: true },
    });
    return restored;
  });
  await collectTrainingData(act.database, { memoryIds: [id], verifiedBy: act.actor });
  return { id, verdict, isCurrent: true, useForTraining: verdict === 'verified', changed: true };
}
