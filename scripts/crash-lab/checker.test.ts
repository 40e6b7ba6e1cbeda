import { NO_USAGE } from '@ai-core/core';
import { describe, expect, it } from 'vitest';
import type { PricedLine } from './bill.ts';
import { checkMoney, type MoneyEvidence } from './check-money.ts';
import { findDoubleResults, sortRequests, type RequestEvidence } from './check-requests.ts';
import type { AttemptRow, JobRow, MemoryRow } from './ledger.ts';
import type { Outcome } from './load.ts';

/** A run of two prompts in which all went well, but for one call that a death cut. Each test breaks one thing of it. */

const job = (id: string, promptHash: string): JobRow => ({
  id,
  promptHash,
  state: 'done',
  source: 'provider',
  request: { kind: 'text', request_type: 'quiz', prompt: promptHash, options: {}, selection_mode: 'auto' },
  crashCount: 0,
  errorCode: null,
  errorMessage: null,
});
const attempt = (id: string, jobId: string, changes: Partial<AttemptRow> = {}): AttemptRow => ({
  id,
  jobId,
  workerId: 'worker',
  provider: 'openai',
  model: 'gpt-6-luna',
  state: 'billed',
  settledBy: 'worker',
  costNanoUsd: 100n,
  startedAt: new Date(1_000),
  finishedAt: new Date(2_000),
  ...changes,
});
const memory = (id: string, promptHash: string): MemoryRow => ({
  id,
  promptHash,
  prompt: promptHash,
  answer: `text of ${promptHash}`,
  isCurrent: true,
  sound: null,
});
const outcome = (prompt: number, requestId: string, jobId: string): Outcome => ({
  prompt,
  requestId,
  jobId,
  answer: `text of key ${prompt}`,
  error: null,
  refusals: 0,
});
const line = (seq: number, attemptId: string | null): PricedLine => ({
  seq,
  at: new Date(1_500).toISOString(),
  provider: 'openai',
  model: 'gpt-6-luna',
  wire: 'openai-chat',
  attemptId,
  requestId: `call ${seq}`,
  promptSha256: '',
  usage: NO_USAGE,
  fault: null,
  costNanoUsd: 100n,
  priceId: 'price',
});

const JOBS = [job('job 0', 'key 0'), job('job 1', 'key 1')];
const CUT = { state: 'unknown', settledBy: null, costNanoUsd: null } as const;

function goodRequests(): RequestEvidence {
  return {
    prompts: ['key 0', 'key 1'],
    outcomes: [outcome(0, 'request 0', 'job 0'), outcome(1, 'request 1', 'job 1'), outcome(1, 'request 2', 'job 1')],
    ledger: {
      jobs: JOBS,
      attempts: [],
      memories: [memory('a', 'key 0'), memory('c', 'key 1')],
      workers: [],
      requestRows: new Map([0, 1, 2].map((index) => [`request ${index}`, 1])),
    },
    recalled: new Map([
      ['a', 'text of key 0'],
      ['c', 'text of key 1'],
    ]),
  };
}

function goodMoney(): MoneyEvidence {
  return {
    bill: [line(1, 'a'), line(2, 'b'), line(3, 'c')],
    jobs: JOBS,
    before: [attempt('a', 'job 0'), attempt('b', 'job 1', CUT), attempt('c', 'job 1')],
    after: [attempt('a', 'job 0'), attempt('b', 'job 1', { settledBy: 'bill' }), attempt('c', 'job 1')],
    sums: { ledger: 300n, usageLog: 300n, dailyCost: 300n, dailyUserCost: 300n },
  };
}

function withOutcome(changes: Partial<Outcome>): RequestEvidence {
  const good = goodRequests();
  return { ...good, outcomes: good.outcomes.map((one, index) => (index === 1 ? { ...one, ...changes } : one)) };
}

const kindsOf = ({ findings }: { findings: readonly { kind: string }[] }): string[] => findings.map(({ kind }) => kind);

describe('sorting the requests of a run', () => {
  it('finds nothing wrong when every caller got what the provider writes', () => {
    expect(sortRequests(goodRequests())).toEqual({ accepted: 3, ok: 3, findings: [] });
    expect(findDoubleResults(goodRequests().ledger)).toEqual([]);
  });

  it.each<[string, Partial<Outcome>, string]>([
    ['was never answered', { answer: null }, 'lost'],
    ['failed although the provider never refused', { answer: null, error: { code: 'INTERNAL', message: '' } }, 'wrongly_failed'],
    ["got another prompt's answer", { answer: 'text of key 0' }, 'wrong_answers'],
  ])('sees a request that %s', (_, changes, kind) => {
    const sorted = sortRequests(withOutcome(changes));
    expect(sorted).toMatchObject({ accepted: 3, ok: 2 });
    expect(kindsOf(sorted)).toEqual([kind]);
  });

  it('counts a request that was neither accepted nor refused as lost', () => {
    expect(kindsOf(sortRequests(withOutcome({ requestId: null, jobId: null, answer: null })))).toEqual(['lost']);
  });

  it('sees an answer that all callers agree on and the provider never wrote', () => {
    const good = goodRequests();
    const sorted = sortRequests({ ...good, recalled: new Map([...good.recalled, ['c', 'something else']]) });
    expect(kindsOf(sorted)).toEqual(['wrong_answers', 'wrong_answers']);
  });

  it.each([0, 2])('sees a request with %i rows in the accounts', (rows) => {
    const good = goodRequests();
    const requestRows = new Map([...good.ledger.requestRows, ['request 2', rows]]);
    expect(kindsOf(sortRequests({ ...good, ledger: { ...good.ledger, requestRows } }))).toEqual(['unaccounted_requests']);
  });

  it('sees two current answers of one key, and two jobs that bought one', () => {
    const { ledger } = goodRequests();
    const memories = [...ledger.memories, memory('d', 'key 0')];
    expect(findDoubleResults({ ...ledger, memories })).toMatchObject([{ kind: 'double_results', evidence: { promptHash: 'key 0' } }]);
    expect(findDoubleResults({ ...ledger, memories: memories.map((row) => ({ ...row, isCurrent: row.id !== 'd' })) })).toEqual([]);
    const jobs = [...JOBS, job('job 2', 'key 1')];
    expect(findDoubleResults({ ...ledger, jobs })).toMatchObject([{ evidence: { promptHash: 'key 1', jobs: ['job 1', 'job 2'] } }]);
    expect(
      findDoubleResults({ ...ledger, jobs: jobs.map((row) => ({ ...row, source: row.id === 'job 2' ? 'memory' : row.source })) }),
    ).toEqual([]);
  });
});

describe('comparing the money of a run', () => {
  it('finds nothing wrong when the difference is exactly what unknown attempts cost', () => {
    expect(checkMoney(goodMoney())).toEqual({
      billNanoUsd: 300n,
      differenceBeforeNanoUsd: 100n,
      unknownAttempts: 1,
      extraCalls: 1,
      findings: [],
    });
  });

  it.each(['ledger', 'usageLog', 'dailyCost', 'dailyUserCost'] as const)('sees that %s is one nano-dollar off', (sum) => {
    const good = goodMoney();
    expect(kindsOf(checkMoney({ ...good, sums: { ...good.sums, [sum]: 301n } }))).toEqual(['unequal_sums']);
  });

  it('sees a call that the ledger knows nothing of', () => {
    const good = goodMoney();
    expect(kindsOf(checkMoney({ ...good, bill: [...good.bill, line(4, null)] }))).toContain('unbilled_calls');
    expect(kindsOf(checkMoney({ ...good, bill: [...good.bill, line(4, 'nobody')] }))).toContain('unbilled_calls');
  });

  it('sees an attempt that is on the bill twice', () => {
    const good = goodMoney();
    expect(kindsOf(checkMoney({ ...good, bill: [...good.bill, line(4, 'a')] }))).toContain('double_bills');
  });

  it('sees a key that was paid twice without a death or a pause in between, by one job or by two', () => {
    const good = goodMoney();
    const paid = { ...good, before: good.after };
    expect(kindsOf(checkMoney(paid))).toEqual(['double_bills']);
    const late = good.after.map((one) => (one.id === 'b' ? attempt('b', 'job 1', { state: 'late' }) : one));
    expect(kindsOf(checkMoney({ ...good, before: late, after: late }))).toEqual([]);
    const otherJob = {
      ...paid,
      jobs: [...JOBS, job('job 2', 'key 1')],
      before: good.after.map((one) => (one.id === 'b' ? { ...one, jobId: 'job 2' } : one)),
    };
    expect(kindsOf(checkMoney(otherJob))).toEqual(['double_bills']);
  });

  it('sees two wrong prices that cancel out, and a difference that no unknown attempt explains', () => {
    const good = goodMoney();
    const skew = (attempts: readonly AttemptRow[]) =>
      attempts.map((one) => ({ ...one, costNanoUsd: one.id === 'a' ? 90n : one.id === 'c' ? 110n : one.costNanoUsd }));
    expect(kindsOf(checkMoney({ ...good, before: skew(good.before), after: skew(good.after) }))).toEqual([
      'mispriced_attempts',
      'mispriced_attempts',
    ]);
    const cheaper = good.before.map((one) => (one.id === 'a' ? { ...one, costNanoUsd: 90n } : one));
    expect(kindsOf(checkMoney({ ...good, before: cheaper }))).toEqual(['unexplained_difference']);
  });

  it('sees a call that we charged ourselves for and the provider did not', () => {
    const good = goodMoney();
    const bill = good.bill.filter(({ attemptId }) => attemptId !== 'b');
    expect(kindsOf(checkMoney({ ...good, bill }))).toEqual(['mispriced_attempts', 'unequal_sums']);
  });

  it('sees an attempt that is still open when everything has drained', () => {
    const good = goodMoney();
    const before = good.before.map((one) => (one.id === 'b' ? { ...one, state: 'reserved' as const } : one));
    expect(kindsOf(checkMoney({ ...good, before }))).toContain('open_attempts');
  });
});
