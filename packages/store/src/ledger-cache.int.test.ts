import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { findResults } from './results.ts';
import { createTestLedger, dispatchOf, jobOf, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => ledger.close());
afterEach(() => ledger.assertSound());

describe('cache modes', () => {
  /** Answers a new request for the key and returns what its caller gets. */
  async function buy(promptHash: string, changes: Parameters<TestLedger['admit']>[0] & { text: string }): Promise<string> {
    const { text, ...request } = changes;
    const requestId = randomUUID();
    const admission = await ledger.admit({ promptHash, requestId, ...request });
    const job = await ledger.worker.take(admission);
    await ledger.worker.answer(job, { text });
    const results = await findResults(ledger.database, [{ jobId: job.jobId, requestId }]);
    return results.get(requestId)?.text ?? '';
  }
  const memories = (promptHash: string) =>
    ledger.query<{ text: string; is_current: boolean }>(
      'select generated_text as text, is_current from ai_memory where prompt_hash = $1 order by created_at',
      [promptHash],
    );

  it('refresh buys again and replaces the current answer, which stays as a row', async () => {
    const promptHash = randomUUID();
    expect(await buy(promptHash, { text: 'old' })).toBe('old');
    expect(await buy(promptHash, { text: 'new', cacheMode: 'refresh' })).toBe('new');
    expect(await memories(promptHash)).toEqual([
      { text: 'old', is_current: false },
      { text: 'new', is_current: true },
    ]);
  });

  it('refresh does not replace a verified answer, but its caller has the new one', async () => {
    const promptHash = randomUUID();
    await buy(promptHash, { text: 'verified' });
    await ledger.query(`update ai_memory set verdict = 'verified', is_verified_good = true where prompt_hash = $1`, [promptHash]);
    expect(await buy(promptHash, { text: 'new', cacheMode: 'refresh' })).toBe('new');
    expect(await memories(promptHash)).toEqual([
      { text: 'verified', is_current: true },
      { text: 'new', is_current: false },
    ]);
  });

  it('refresh joins work in flight', async () => {
    const promptHash = randomUUID();
    const admission = await ledger.admit({ promptHash });
    expect(await ledger.admit({ promptHash, cacheMode: 'refresh' })).toMatchObject({ outcome: 'joined', jobId: jobOf(admission) });
  });

  it('bypass neither joins nor is joined nor remembered, and its caller can read the answer', async () => {
    const promptHash = randomUUID();
    const bypass = { cacheMode: 'bypass', shared: false } as const;
    await ledger.admit({ promptHash });
    expect(await buy(promptHash, { ...bypass, text: 'mine' })).toBe('mine');
    expect(await buy(promptHash, { ...bypass, text: 'mine too' })).toBe('mine too');
    expect(await memories(promptHash)).toEqual([]);
    const requestId = randomUUID();
    const first = await ledger.admit({ promptHash, ...bypass, requestId });
    await expect(ledger.admit({ promptHash, ...bypass, requestId })).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await ledger.query('select from ai_job_caller where id = $1 and job_id = $2', [requestId, jobOf(first)])).toHaveLength(1);
  });

  it('max_age takes a young answer and refreshes an old one', async () => {
    const promptHash = randomUUID();
    await buy(promptHash, { text: 'old' });
    await ledger.query(`update ai_memory set created_at = created_at - interval '1 hour' where prompt_hash = $1`, [promptHash]);
    expect((await ledger.admit({ promptHash })).outcome).toBe('hit');
    expect((await ledger.admit({ promptHash, maxAgeS: 7_200 })).outcome).toBe('hit');
    expect(await buy(promptHash, { text: 'young', maxAgeS: 60 })).toBe('young');
    expect((await memories(promptHash)).filter((one) => one.is_current).map((one) => one.text)).toEqual(['young']);
    expect((await ledger.admit({ promptHash, maxAgeS: 60 })).outcome).toBe('hit');
  });

  it('use finds at the claim what was remembered after its admission, and calls nobody', async () => {
    const promptHash = randomUUID();
    const requestId = randomUUID();
    const admission = await ledger.admit({ promptHash, requestId });
    await ledger.query(
      `insert into ai_memory (id, request_type, prompt_hash, scope, simulated, kind, prompt_text, generated_text, provider, model, cost_nano_usd)
       values ($1, 'quiz', $2, 'shared', true, 'text', 'q', 'imported', 'openai', 'first', 900)`,
      [randomUUID(), promptHash],
    );
    expect(await ledger.worker.claim(dispatchOf(admission))).toMatchObject({ outcome: 'memory', replyTo: ['inbox'] });
    const [row] = await ledger.rowsOf(jobOf(admission));
    expect(row).toMatchObject({ id: requestId, source: 'memory', cost_nano_usd: 0n, saved_nano_usd: 900n, saved_source: 'memory' });
    const results = await findResults(ledger.database, [{ jobId: jobOf(admission), requestId }]);
    expect(results.get(requestId)).toMatchObject({ source: 'memory', text: 'imported', costNanoUsd: 0n, savedNanoUsd: 900n });
  });
});
