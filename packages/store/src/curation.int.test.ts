import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Act } from './act.ts';
import { markMemoryStale, rejectMemory, unverifyMemory, verifyMemory } from './curation.ts';
import { forgetMemory } from './forget.ts';
import { listMemory, showMemory } from './memory-list.ts';
import { getMemory } from './memory.ts';
import { rateMemory } from './rate-memory.ts';
import { restoreMemory } from './restore-memory.ts';
import { createTestLedger, jobOf, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
let act: Act;
let announced = 0;
beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  act = { database: ledger.database, actor: 'mika', announce: async () => void announced++ };
});
afterAll(() => ledger.close());

interface Answered {
  readonly promptHash: string;
  readonly memoryId: string;
  readonly jobId: string;
}

async function answer(promptHash: string = crypto.randomUUID(), scope = 'shared'): Promise<Answered> {
  const admission = await ledger.admit({ promptHash, scope });
  const job = await ledger.worker.take(admission);
  await ledger.worker.answer(job, { text: `answer ${job.attemptId}` });
  return { promptHash, memoryId: job.attemptId, jobId: jobOf(admission) };
}

const changesOf = (subject: string) =>
  ledger.query<{ actor: string; action: string; after: Record<string, unknown> }>(
    'select actor, action, after from ai_audit_log where subject = $1 order by at',
    [subject],
  );

describe('a verdict', () => {
  it('verified marks an answer for training, keeps it in service, and is written down with who', async () => {
    const { memoryId, promptHash } = await answer();
    const before = announced;
    expect(await verifyMemory(act, memoryId)).toMatchObject({ verdict: 'verified', isCurrent: true, useForTraining: true, changed: true });
    expect(announced).toBe(before + 1);
    expect(await ledger.admit({ promptHash })).toMatchObject({ outcome: 'hit', memoryId });
    expect(await changesOf(memoryId)).toMatchObject([{ actor: 'mika', action: 'memory.verified' }]);
    expect(await ledger.query('select verified_by, human_verified from ai_training_data where memory_item = $1', [memoryId])).toEqual([
      { verified_by: 'mika', human_verified: true },
    ]);
  });

  it('verified can be taken back: the answer stays in service and is not learned from any more', async () => {
    const { memoryId, promptHash } = await answer();
    await verifyMemory(act, memoryId);
    expect(await unverifyMemory(act, memoryId)).toMatchObject({ verdict: 'none', isCurrent: true, useForTraining: false, changed: true });
    expect(await ledger.admit({ promptHash })).toMatchObject({ outcome: 'hit', memoryId });
    expect((await changesOf(memoryId)).map(({ action }) => action)).toEqual(['memory.verified', 'memory.unverified']);
    expect(await ledger.query('select human_verified from ai_training_data where memory_item = $1', [memoryId])).toEqual([
      { human_verified: false },
    ]);
    expect(await unverifyMemory(act, memoryId)).toMatchObject({ changed: false });
    await rejectMemory(act, memoryId, null);
    await expect(unverifyMemory(act, memoryId)).rejects.toThrow('nothing to take back');
  });

  it('given twice changes nothing the second time', async () => {
    const { memoryId } = await answer();
    await verifyMemory(act, memoryId);
    expect(await verifyMemory(act, memoryId)).toMatchObject({ verdict: 'verified', changed: false });
    expect(await changesOf(memoryId)).toHaveLength(1);
  });

  it.each([
    ['rejected', rejectMemory],
    ['stale', markMemoryStale],
  ] as const)(
    '%s takes a verified answer out of service: the next request buys a new one, which is served from then on',
    async (verdict, judge) => {
      const { memoryId, promptHash } = await answer();
      await verifyMemory(act, memoryId);
      expect(await judge(act, memoryId, 'は is explained as が')).toMatchObject({ verdict, isCurrent: false, useForTraining: false });
      const second = await answer(promptHash);
      expect(await ledger.admit({ promptHash })).toMatchObject({ outcome: 'hit', memoryId: second.memoryId });
      expect((await changesOf(memoryId)).at(-1)).toMatchObject({ action: `memory.${verdict}`, after: { reason: 'は is explained as が' } });
    },
  );

  it('rejected keeps an answer from being read again, also by its own id', async () => {
    const { memoryId } = await answer();
    expect(await getMemory(ledger.database, memoryId)).not.toBeNull();
    await rejectMemory(act, memoryId, null);
    expect(await getMemory(ledger.database, memoryId)).toBeNull();
    await expect(verifyMemory(act, memoryId)).rejects.toThrow('not served any more (it is rejected)');
    await expect(markMemoryStale(act, memoryId, null)).rejects.toThrow('not served any more');
  });

  it('rejected or stale can be taken back: the answer is what it was before, and is served again', async () => {
    const { memoryId, promptHash } = await answer();
    await verifyMemory(act, memoryId);
    await rejectMemory(act, memoryId, 'a slip of the mouse');
    expect(await restoreMemory(act, memoryId)).toMatchObject({ verdict: 'verified', isCurrent: true, useForTraining: true, changed: true });
    expect(await ledger.admit({ promptHash })).toMatchObject({ outcome: 'hit', memoryId });
    await unverifyMemory(act, memoryId);
    await markMemoryStale(act, memoryId, null);
    expect(await restoreMemory(act, memoryId)).toMatchObject({ verdict: 'none', isCurrent: true, changed: true });
    expect((await changesOf(memoryId)).at(-1)).toMatchObject({ action: 'memory.restored', after: { verdict: 'none', is_current: true } });
    await expect(restoreMemory(act, memoryId)).rejects.toThrow('neither rejected nor stale');
  });

  it('is not taken back once a newer answer has taken the place', async () => {
    const { memoryId, promptHash } = await answer();
    await markMemoryStale(act, memoryId, null);
    const newer = await answer(promptHash);
    await expect(restoreMemory(act, memoryId)).rejects.toThrow('a newer answer has taken its place');
    expect(await ledger.admit({ promptHash })).toMatchObject({ outcome: 'hit', memoryId: newer.memoryId });
  });

  it('about an answer that is not there is refused', async () => {
    await expect(rejectMemory(act, crypto.randomUUID(), null)).rejects.toThrow('NOT_FOUND');
  });
});

describe('the list of remembered answers', () => {
  it('pages through current answers newest first, and shows all versions of one', async () => {
    const scope = `user:${crypto.randomUUID()}`;
    const old = await answer(undefined, scope);
    await rejectMemory(act, old.memoryId, null);
    const fresh = await answer(old.promptHash, scope);
    const mine = (rows: readonly { scope: string; id: string }[]) => rows.filter((row) => row.scope === scope).map((row) => row.id);
    expect(mine(await listMemory(ledger.database, { simulated: true }))).toEqual([fresh.memoryId]);
    expect(mine(await listMemory(ledger.database, { simulated: true, allVersions: true }))).toEqual([fresh.memoryId, old.memoryId]);
    expect(mine(await listMemory(ledger.database, { simulated: true, verdict: 'rejected', allVersions: true }))).toEqual([old.memoryId]);
    expect(mine(await listMemory(ledger.database, { simulated: true, allVersions: true, after: fresh.memoryId }))).toEqual([old.memoryId]);
    expect(await listMemory(ledger.database, { simulated: false })).toEqual([]);
    expect(await listMemory(ledger.database, { simulated: true, search: 'A QUEST', limit: 1 })).toHaveLength(1);
    expect(await listMemory(ledger.database, { simulated: true, search: '100%' })).toEqual([]);
    expect((await showMemory(ledger.database, fresh.memoryId))?.versions.map((version) => version.verdict)).toEqual(['none', 'rejected']);
    expect(await showMemory(ledger.database, crypto.randomUUID())).toBeNull();
  });
});

describe('forgetting', () => {
  it('removes every version, the jobs and the training example, and leaves the money', async () => {
    const old = await answer();
    await markMemoryStale(act, old.memoryId, null);
    const fresh = await answer(old.promptHash);
    await verifyMemory(act, fresh.memoryId);
    expect(await forgetMemory(act, { memoryId: fresh.memoryId }, null)).toEqual({ memories: 2, jobs: 2, objects: 0 });
    for (const { memoryId, jobId } of [old, fresh]) {
      expect(await ledger.query('select 1 from ai_memory where id = $1', [memoryId])).toEqual([]);
      expect(await ledger.query('select 1 from ai_job where id = $1', [jobId])).toEqual([]);
      expect(await ledger.query('select 1 from ai_job_caller where job_id = $1', [jobId])).toEqual([]);
      expect(await ledger.query('select 1 from ai_training_data where memory_item = $1', [memoryId])).toEqual([]);
      expect(await ledger.rowsOf(jobId)).toHaveLength(1);
    }
    await ledger.assertSound();
  });

  it('cancels work under way, empties it, and accounts for its call when it answers late', async () => {
    const { promptHash, memoryId } = await answer();
    const admission = await ledger.admit({ promptHash, cacheMode: 'refresh' });
    const job = await ledger.worker.take(admission);
    expect(await forgetMemory(act, { memoryId }, null)).toMatchObject({ memories: 1, jobs: 2 });
    expect(await ledger.query('select request, answer, state from ai_job where id = $1', [job.jobId])).toEqual([
      { request: { forgotten: true }, answer: null, state: 'cancelled' },
    ]);
    expect(await ledger.worker.answer(job)).toMatchObject({ outcome: 'late' });
    expect(await ledger.query('select 1 from ai_memory where prompt_hash = $1', [promptHash])).toEqual([]);
    expect((await ledger.rowsOf(job.jobId)).map((row) => row.source)).toContain('late');
    await ledger.assertSound();
  });

  it('of a scope removes all of that scope and nothing else', async () => {
    const scope = `user:${crypto.randomUUID()}`;
    const other = await answer();
    await answer(undefined, scope);
    await answer(other.promptHash, scope);
    expect(await forgetMemory(act, { scope }, null)).toEqual({ memories: 2, jobs: 2, objects: 0 });
    expect(await getMemory(ledger.database, other.memoryId)).not.toBeNull();
  });

  it('refuses the scope of everybody, and an answer that is not there', async () => {
    await expect(forgetMemory(act, { scope: 'shared' }, null)).rejects.toThrow('holds the answers of everybody');
    await expect(forgetMemory(act, { memoryId: crypto.randomUUID() }, null)).rejects.toThrow('NOT_FOUND');
  });
});

describe('the list of answers', () => {
  it('is narrowed by model, scope, rating, reuses, age and words of the answer', async () => {
    const requestType = crypto.randomUUID();
    await ledger.query(
      `insert into ai_memory (id, prompt_hash, scope, kind, request_type, prompt_text, generated_text, provider, model, simulated, user_rating, usage_count, created_at)
       select gen_random_uuid(), $1 || n, case when n = 1 then 'user:7' else 'shared' end, 'text', $1, 'prompt ' || n, 'answer about topic' || n, 'openai',
         case when n = 2 then 'large' else 'small' end, true, n, n * 10, now() - n * interval '10 days' from generate_series(1, 5) n`,
      [requestType],
    );
    const found = async (question: object): Promise<string[]> =>
      (await listMemory(ledger.database, { simulated: true, requestType, ...question })).map(({ promptText }) => promptText.slice(-1));
    expect(await found({})).toEqual(['1', '2', '3', '4', '5']);
    expect(await found({ model: 'large' })).toEqual(['2']);
    expect(await found({ scope: 'user:7' })).toEqual(['1']);
    expect(await found({ minRating: 2, maxRating: 4 })).toEqual(['2', '3', '4']);
    expect(await found({ minUses: 40 })).toEqual(['4', '5']);
    expect(await found({ newerThanDays: 25 })).toEqual(['1', '2']);
    expect(await found({ unusedForDays: 45 })).toEqual(['5']);
    expect(await found({ search: 'TOPIC3' })).toEqual([]);
    expect(await found({ search: 'TOPIC3', inAnswers: true })).toEqual(['3']);
  });
});

describe('a rating by name', () => {
  it('is written down with the rating or not at all', async () => {
    const { memoryId } = await answer();
    const rating = { memoryId, userId: 'console:mika', caller: 'console', rating: 4, comment: null };
    expect(await rateMemory(ledger.database, { ...rating, auditedAs: 'mika' })).toEqual({ userRating: 4, ratingCount: 1 });
    expect(await changesOf(memoryId)).toEqual([{ actor: 'mika', action: 'memory.rated', after: { rating: 4, average: 4 } }]);
    // Postgres takes no such name: the entry fails, and the rating with it.
    await expect(rateMemory(ledger.database, { ...rating, rating: 1, auditedAs: 'mi\u0000ka' })).rejects.toThrow(
      'Postgres refused a statement',
    );
    expect(await ledger.query('select rating::float8 as rating from ai_rating where memory_id = $1', [memoryId])).toEqual([{ rating: 4 }]);
  });
});
