import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { rollUp } from '@ai-core/store';
import { COOKIE, openTestConsole, type Browser, type TestConsole } from '../testing.ts';

let site: TestConsole;
let reviewer: Browser;
beforeAll(async () => {
  site = await openTestConsole({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  reviewer = await site.signIn('reviewer');
});
afterAll(() => site.close());

interface UsageRow {
  readonly source: 'provider' | 'memory' | 'in_flight';
  readonly costNanoUsd: bigint;
  readonly savedNanoUsd: bigint;
  readonly jobId?: string;
  readonly simulated?: boolean;
}

async function log({ source, costNanoUsd, savedNanoUsd, jobId, simulated = false }: UsageRow): Promise<string> {
  const { rows } = await site.database.pool.query<{ id: string }>(
    `insert into ai_usage_log (id, at, row_kind, job_id, simulated, kind, request_type, provider, model, cost_nano_usd, saved_nano_usd,
       saved_source, source, success)
     values (gen_random_uuid(), clock_timestamp(), 'request', $1, $2, 'text', 'quiz', 'openai', 'gpt', $3, $4,
       case when $4::bigint <> 0 then $5 end, $5, true) returning id`,
    [jobId ?? null, simulated, costNanoUsd, savedNanoUsd, source],
  );
  return rows[0]?.id ?? '';
}

async function send(method: 'GET' | 'POST', url: string, payload?: object): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await site.app.inject({
    method,
    url,
    cookies: { [COOKIE]: reviewer.cookies.get(COOKIE) ?? '' },
    headers: { accept: 'application/json', 'x-csrf-token': reviewer.csrfToken },
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: response.statusCode, body: response.json() };
}

describe('receipts over the API', () => {
  it('explain one row of the usage log, and every row of its job', async () => {
    const jobId = crypto.randomUUID();
    const paid = await log({ source: 'provider', costNanoUsd: 9_007_199_254_740_993n, savedNanoUsd: 0n, jobId });
    const shared = await log({ source: 'in_flight', costNanoUsd: 0n, savedNanoUsd: 700n, jobId });
    const { body } = await send('GET', `/api/receipts/${shared}`);
    expect(body).toMatchObject({
      jobId,
      paidNanoUsd: '9007199254740993',
      calls: [],
      rows: [
        { id: paid, source: 'provider', costNanoUsd: '9007199254740993', savedNanoUsd: '0' },
        { id: shared, source: 'in_flight', costNanoUsd: '0', savedNanoUsd: '700', savings: [{ reason: 'in_flight', nanoUsd: '700' }] },
      ],
    });
    expect(await send('GET', `/api/receipts/${jobId}`)).toEqual({ status: 200, body });
    expect((await send('GET', `/api/receipts/${crypto.randomUUID()}`)).status).toBe(404);
  });
});

describe('savings by source', () => {
  it('add up to what the usage log says was saved, real and simulated apart', async () => {
    await log({ source: 'memory', costNanoUsd: 0n, savedNanoUsd: 2_000n });
    await log({ source: 'memory', costNanoUsd: 0n, savedNanoUsd: 3_000n });
    await log({ source: 'memory', costNanoUsd: 0n, savedNanoUsd: 50_000n, simulated: true });
    const { rows } = await site.database.pool.query<{ saved: string }>(
      'select sum(saved_nano_usd)::text as saved from ai_usage_log where not simulated',
    );
    await rollUp(site.database);
    const { body } = await send('GET', '/api/savings?days=7');
    expect(body).toMatchObject({ rows: [{ source: 'memory', savedNanoUsd: '5000' }, { source: 'in_flight' }] });
    const sum = (body as { rows: { savedNanoUsd: string }[] }).rows.reduce((total, row) => total + BigInt(row.savedNanoUsd), 0n);
    expect(sum.toString()).toBe(rows[0]?.saved);
    expect((await send('GET', '/api/savings?days=7&simulated=true')).body).toMatchObject({ rows: [{ savedNanoUsd: '50000' }] });
    expect((await send('GET', '/api/savings?days=0')).status).toBe(400);
  });
});

describe('judging answers over the API', () => {
  async function remember(): Promise<string> {
    const { rows } = await site.database.pool.query<{ id: string }>(
      `insert into ai_memory (id, prompt_hash, scope, kind, request_type, prompt_text, prompt_options, generated_text, provider, model, simulated)
       values (gen_random_uuid(), $1, 'shared', 'text', 'quiz', 'a question', '{}', 'an answer', 'openai', 'gpt', false) returning id`,
      [crypto.randomUUID()],
    );
    return rows[0]?.id ?? '';
  }
  const changesOf = async (subject: string): Promise<unknown[]> =>
    (await site.database.pool.query('select actor, action, after from ai_audit_log where subject = $1 order by at', [subject])).rows;

  it('rates an answer, and writes down who rated it how', async () => {
    const id = await remember();
    expect((await send('POST', `/api/memory/${id}/rating`, { rating: 4, comment: 'clear' })).body).toEqual({
      userRating: 4,
      ratingCount: 1,
    });
    expect(await changesOf(id)).toEqual([{ actor: reviewer.userName, action: 'memory.rated', after: { rating: 4, average: 4 } }]);
  });

  it('says which answers it changed, so that these alone are taken back', async () => {
    const [first, second] = [await remember(), await remember()];
    const verify = (ids: readonly string[]) => send('POST', '/api/memory/actions/verify', { ids });
    expect((await verify([first])).body).toEqual({ done: 1, changed: [first], refused: [] });
    expect((await verify([first, second])).body).toEqual({ done: 2, changed: [second], refused: [] });
    expect((await send('POST', '/api/memory/actions/unverify', { ids: [second] })).body).toMatchObject({ changed: [second] });
    expect((await send('GET', `/api/memory/${first}`)).body).toMatchObject({ verdict: 'verified', receipt: null });
    expect((await send('GET', `/api/memory/${second}`)).body).toMatchObject({ verdict: 'none', isCurrent: true });
  });
});
