import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { splitSpeech } from '@ai-core/core';
import { startDevS3, type DevS3 } from '@ai-core/embedded';
import { checkInvariants, type ObjectsOptions } from '@ai-core/store';
import { simulatedAccess } from '@ai-core/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkerProcess, type Child } from '../child-process.ts';
import { makeTestFolder } from '../test-services/test-folder.ts';
import { AUDIO_ROLES, startFleet, type Fleet } from './fleet.ts';

const LIMIT = { amount: 5_000, unit: 'bytes' } as const;
const ROLES = 'audio-google-tts';
const TIMEOUT = { timeoutMs: 90_000 } as const;

describe('speech when things break', () => {
  let fleet: Fleet;
  const children: Child[] = [];
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis', roles: 'maintenance', simulator: { speech: 'tiled' } });
  });
  afterAll(async () => {
    for (const child of children) child.process.kill('SIGKILL');
    await fleet.stop();
  });

  async function startProcess(): Promise<Child> {
    const { databaseUrl, redisUrl, redisPrefix, s3 } = fleet;
    const child = await startWorkerProcess({
      databaseUrl,
      redisUrl,
      redisPrefix,
      s3,
      roles: ROLES,
      access: simulatedAccess(fleet.simulator.baseUrls),
      spoolFolder: makeTestFolder(),
    });
    children.push(child);
    return child;
  }

  it('goes on where a killed worker was: parts that were settled are not bought again', async () => {
    const text = Array.from({ length: 600 }, (_, index) => `これは長い台本の${index + 1}番目の文です。`).join('');
    const parts = splitSpeech(text, { language: 'ja', limit: LIMIT }).length;
    fleet.simulator.control().setLatency({ provider: 'google_tts', latency: { fixedMs: 300 } });
    const first = await startProcess();
    const handle = await fleet.aiCore.enqueueAudio({ text, language: 'ja', provider: 'google_tts' });
    await expect.poll(() => fleet.simulator.bill().length, { timeout: 30_000, interval: 10 }).toBeGreaterThan(5);
    first.process.kill('SIGKILL');
    await startProcess();
    const answer = await handle.result(TIMEOUT);
    fleet.simulator.control().setLatency({ latency: { fixedMs: 0 } });
    expect(answer.source).toBe('provider');
    // Four are bought at a time: only those can have been lost.
    const calls = fleet.simulator.bill().length;
    expect(calls).toBeGreaterThanOrEqual(parts);
    expect(calls).toBeLessThanOrEqual(parts + 4);
    const { rows } = await fleet.database.pool.query<{ state: string; n: bigint }>(
      `select state, count(*) as n from ai_attempt where part is not null group by state order by state`,
    );
    const count = (state: string): number => Number(rows.find((row) => row.state === state)?.n ?? 0n);
    expect(count('billed')).toBe(parts);
    expect(count('unknown')).toBeGreaterThanOrEqual(calls - parts);
    expect(count('reserved')).toBe(0);
    expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
  });

  it('is gone on with by the next worker when one stops in order: nothing is bought twice', async () => {
    for (const child of children) await child.stop();
    const text = Array.from({ length: 400 }, (_, index) => `交代する働き手の${index + 1}番目の文です。`).join('');
    const parts = splitSpeech(text, { language: 'ja', limit: LIMIT }).length;
    const since = fleet.simulator.bill().length;
    fleet.simulator.control().setLatency({ provider: 'google_tts', latency: { fixedMs: 300 } });
    const first = await fleet.openWorker({ roles: ROLES });
    const handle = await fleet.aiCore.enqueueAudio({ text, language: 'ja', provider: 'google_tts' });
    await expect.poll(() => fleet.simulator.bill().length - since, { timeout: 30_000, interval: 10 }).toBeGreaterThan(2);
    await first.stop({ graceMs: 15_000 });
    expect(fleet.simulator.bill().length - since).toBeLessThan(parts);
    const second = await fleet.openWorker({ roles: ROLES });
    const answer = await handle.result(TIMEOUT);
    await second.stop();
    fleet.simulator.control().setLatency({ latency: { fixedMs: 0 } });
    expect(answer.source).toBe('provider');
    expect(fleet.simulator.bill().length - since).toBe(parts);
  });

  it('of a job that two workers died with is made in a process of its own', async () => {
    const handle = await fleet.aiCore.enqueueAudio({ text: 'これはあやしい仕事です。', language: 'ja', provider: 'google_tts' });
    await fleet.database.pool.query('update ai_job set crash_count = 2 where id = $1', [handle.jobId]);
    await fleet.openWorker({ roles: ROLES });
    const answer = await handle.result(TIMEOUT);
    expect(answer.audio).toHaveLength(answer.bytes);
  });
});

describe('speech that was paid while the object store went away', () => {
  const folder = makeTestFolder();
  const key = { accessKeyId: 'spool', secretAccessKey: randomUUID() };
  let store: DevS3;
  let s3: ObjectsOptions;
  let fleet: Fleet;
  const openStore = (port?: number): Promise<DevS3> =>
    startDevS3({
      dir: path.join(folder, 's3'),
      port,
      credentials: { [key.accessKeyId]: key.secretAccessKey },
      buckets: ['sounds'],
      fast: true,
    });
  beforeAll(async () => {
    store = await openStore();
    s3 = { endpoint: store.url, region: 'us-east-1', bucket: 'sounds', ...key, connectMs: 500, deadlineMs: 1_000 };
    fleet = await startFleet({ queue: 'postgres', roles: AUDIO_ROLES, worker: { s3 }, simulator: { speech: 'tiled' } });
  });
  afterAll(async () => {
    await fleet.stop();
    await store.close();
  });

  it('waits for it while the worker lives', async () => {
    const aiCore = await fleet.openAiCore({ s3 });
    fleet.simulator.control().addFault({ fault: 'slow?ms=1000', match: 'patient', times: 1 });
    const handle = await aiCore.enqueueAudio({ text: 'A patient voice.', language: 'en' });
    await expect.poll(() => fleet.simulator.control().calls().length).toBe(1);
    await store.close();
    await expect.poll(() => fleet.simulator.bill().length, { timeout: 5_000 }).toBe(1);
    store = await openStore(store.port);
    const answer = await handle.result(TIMEOUT);
    expect(answer.audio).toHaveLength(answer.bytes);
    expect(fleet.simulator.bill()).toHaveLength(1);
  });

  it('lies in the spool when the worker has to stop, and is settled by the next one on its disk', async () => {
    const aiCore = await fleet.openAiCore({ s3 });
    const spoolFolder = path.join(folder, 'spool');
    await fleet.worker.stop({ graceMs: 500 });
    const worker = await fleet.openWorker({ spoolFolder, roles: 'audio-elevenlabs,maintenance' });
    fleet.simulator.control().addFault({ fault: 'slow?ms=500', match: 'impatient', times: 1 });
    const handle = await aiCore.enqueueAudio({ text: 'An impatient voice.', language: 'en' });
    await expect.poll(() => fleet.simulator.control().calls().length).toBe(2);
    await store.close();
    await expect.poll(() => fleet.simulator.bill().length, { timeout: 5_000 }).toBe(2);
    await worker.stop({ graceMs: 15_000 });
    const kept = readdirSync(spoolFolder).map((file) => path.extname(file));
    expect(kept.toSorted()).toEqual(['.json', '.mp3']);

    store = await openStore(store.port);
    await fleet.openWorker({ spoolFolder, roles: 'audio-elevenlabs,maintenance' });
    const answer = await handle.result(TIMEOUT);
    expect(answer.audio).toHaveLength(answer.bytes);
    expect(fleet.simulator.bill()).toHaveLength(2);
    await expect.poll(() => readdirSync(spoolFolder), { timeout: 5_000 }).toEqual([]);
  });
});
