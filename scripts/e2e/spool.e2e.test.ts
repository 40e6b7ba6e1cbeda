import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres, type Postgres } from '@ai-core/embedded';
import { createAiCore, type AiCore } from '@ai-core/producer';
import { migrateQueue } from '@ai-core/queue';
import { startSimulator, type Simulator } from '@ai-core/simulator';
import { checkInvariants, migrate, openDatabase, setUpProviders, type Database } from '@ai-core/store';
import { simulatedAccess, startWorker, type Worker } from '@ai-core/worker';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { TEXT_ROLES } from './fleet.ts';

const complaints: string[] = [];
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (_: object, message: string) => void complaints.push(message),
};
/** Longer than a worker tries to write something down in one go. */
const LONG_AWAY_MS = 10_000;

/** A Postgres of this file's own, because it takes it away. */
describe('Postgres goes away while a provider call is under way', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-spool-'));
  const spoolFolder = path.join(folder, 'spool');
  let postgres: Postgres;
  let database: Database;
  let simulator: Simulator;
  let worker: Worker;
  let aiCore: AiCore;

  beforeAll(async () => {
    [postgres, simulator] = await Promise.all([
      startPostgres({ dir: path.join(folder, 'postgres'), fast: true }),
      startSimulator({ port: 0 }),
    ]);
    await migrate({ databaseUrl: postgres.url, also: migrateQueue });
    await setUpProviders({ databaseUrl: postgres.url, catalogue: 'current' });
    const connections = { databaseUrl: postgres.url, redisUrl: inject('redisUrl'), redisPrefix: `{spool-${randomUUID()}}` };
    database = openDatabase({ url: postgres.url });
    worker = await startWorker({
      ...connections,
      roles: TEXT_ROLES,
      access: simulatedAccess(simulator.baseUrls),
      spoolFolder,
      log: silent,
    });
    aiCore = await createAiCore({ ...connections, simulated: true });
    await aiCore.generateText({ requestType: 'quiz', prompt: 'warm up', timeoutMs: 20_000 });
  });
  afterAll(async () => {
    await aiCore.close();
    await worker.stop({ graceMs: 500 });
    await database.close();
    await simulator.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const spooled = () => readdirSync(spoolFolder).filter((name) => name.endsWith('.json')).length;
  const calls = () => simulator.control().calls().length;
  async function comeBack(): Promise<void> {
    postgres = await startPostgres({ dir: path.join(folder, 'postgres'), fast: true, port: postgres.port });
  }
  /** Asks, and takes Postgres away as soon as the provider has been called. */
  async function askAndTakeAway(prompt: string) {
    simulator.control().setLatency({ latency: { fixedMs: 1_500 } });
    const before = calls();
    const handle = await aiCore.enqueueText({ requestType: 'quiz', prompt });
    const answer = handle.result({ timeoutMs: 60_000 });
    await expect.poll(calls, { timeout: 10_000, interval: 20 }).toBe(before + 1);
    await postgres.stop();
    simulator.control().setLatency({ latency: { fixedMs: 0 } });
    return { jobId: handle.jobId, answer };
  }

  it('keeps the paid answer in the spool and gives it to its caller when Postgres is back; it is paid once', async () => {
    const before = simulator.bill().length;
    const { jobId, answer } = await askAndTakeAway('paid while away');
    await expect.poll(spooled, { timeout: 15_000 }).toBe(1);
    await comeBack();
    const { text, source } = await answer;
    expect(text.length).toBeGreaterThan(0);
    expect(source).toBe('provider');
    await expect.poll(spooled, { timeout: 10_000 }).toBe(0);
    // A retry of the caller meets the same answer.
    const again = await aiCore.generateText({ requestType: 'quiz', prompt: 'paid while away', timeoutMs: 10_000 });
    expect(again).toMatchObject({ source: 'memory', text });
    expect(simulator.bill()).toHaveLength(before + 1);
    const { rows } = await database.pool.query<{ state: string }>('select state from ai_attempt where job_id = $1', [jobId]);
    expect(rows).toEqual([{ state: 'billed' }]);
  });

  it('tries a failed call again although nobody could write the failure down for long', async () => {
    simulator.control().addFault({ fault: 'unavailable', match: 'failed while away' });
    const { jobId, answer } = await askAndTakeAway('failed while away');
    await new Promise((resolve) => setTimeout(resolve, LONG_AWAY_MS));
    simulator.control().clearFaults();
    await comeBack();
    expect((await answer).text.length).toBeGreaterThan(0);
    const { rows } = await database.pool.query<{ state: string }>('select state from ai_attempt where job_id = $1 order by started_at', [
      jobId,
    ]);
    expect(rows.map((row) => row.state)).toEqual(['not_billed', 'billed']);
  });

  it('holds the paid answer in hand when the spool cannot be written either, and it is still paid once', async () => {
    const before = simulator.bill().length;
    // As a full disk: every write fails, whoever runs the test.
    rmSync(spoolFolder, { recursive: true });
    writeFileSync(spoolFolder, 'no folder');
    const { jobId, answer } = await askAndTakeAway('paid while nothing can be written');
    await expect
      .poll(() => complaints.some((message) => message.startsWith('the spool cannot be written')), { timeout: 20_000 })
      .toBe(true);
    await comeBack();
    expect((await answer).source).toBe('provider');
    rmSync(spoolFolder);
    mkdirSync(spoolFolder);
    expect(simulator.bill()).toHaveLength(before + 1);
    const { rows } = await database.pool.query<{ state: string }>('select state from ai_attempt where job_id = $1', [jobId]);
    expect(rows).toEqual([{ state: 'billed' }]);
  });

  it('has a ledger equal to the bill in the end: each charged call is one paid attempt, and no other', async () => {
    const { rows } = await database.pool.query<{ id: string; state: string }>(
      `select id, state from ai_attempt where state not in ('not_billed') order by id`,
    );
    expect(new Set(rows.map((row) => row.state))).toEqual(new Set(['billed']));
    const charged = simulator.bill().map((line) => line.attemptId);
    expect(charged).toHaveLength(rows.length);
    expect(new Set(charged)).toEqual(new Set(rows.map((row) => row.id)));
    await database.pool.query(`update ai_job set finished_at = finished_at - interval '20 s'`);
    await database.pool.query(`update ai_attempt set finished_at = finished_at - interval '20 s'`);
    expect((await checkInvariants(database)).filter((result) => result.broken > 0)).toEqual([]);
    expect(spooled()).toBe(0);
  });
});
