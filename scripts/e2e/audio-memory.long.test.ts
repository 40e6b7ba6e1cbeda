import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { simulatedAccess } from '@ai-core/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorkerProcess, type Child } from '../child-process.ts';
import { startFleet, type Fleet } from './fleet.ts';

const JOBS = 1_000;
const WARM_UP = 250;
const AT_A_TIME = 2;
/** 66 s of speech at 128 kbit/s: a megabyte. */
const CHARACTERS = 990;
const SHARE = 0.15;

/** Memory of a process that is really there, in bytes. */
function readRss(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1_024;
}

function median(values: readonly number[]): number {
  return values.toSorted((one, two) => one - two)[Math.floor(values.length / 2)] ?? Number.NaN;
}

describe(`the memory of a worker that speaks ${JOBS} times a megabyte`, () => {
  let fleet: Fleet;
  let worker: Child;
  let folder: string;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis', roles: 'maintenance', simulator: { speech: 'tiled' } });
    folder = mkdtempSync(path.join(tmpdir(), 'ai-core-memory-'));
    const { databaseUrl, redisUrl, redisPrefix, s3 } = fleet;
    worker = await startWorkerProcess({
      databaseUrl,
      redisUrl,
      redisPrefix,
      s3,
      roles: 'audio-elevenlabs',
      access: simulatedAccess(fleet.simulator.baseUrls),
      spoolFolder: folder,
    });
  });
  afterAll(async () => {
    await worker.stop();
    await fleet.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it(`stays within ${SHARE * 100} % once it is warm`, async () => {
    const sizes: number[] = [];
    const bytes: number[] = [];
    let next = 0;
    await Promise.all(
      Array.from({ length: AT_A_TIME }, async () => {
        for (let index = next++; index < JOBS; index = next++) {
          const handle = await fleet.aiCore.enqueueAudio({ text: `Number ${index}. `.padEnd(CHARACTERS, 'la '), language: 'en' });
          bytes.push((await handle.link({ timeoutMs: 120_000 })).bytes);
          sizes.push(readRss(worker.process.pid ?? 0));
        }
      }),
    );
    expect(fleet.simulator.bill()).toHaveLength(JOBS);
    expect(median(bytes)).toBeGreaterThan(1_000_000);
    const warm = median(sizes.slice(WARM_UP, 2 * WARM_UP));
    const late = median(sizes.slice(-WARM_UP));
    process.stdout.write(`a warm worker has ${Math.round(warm / 2 ** 20)} MB, after ${JOBS} jobs ${Math.round(late / 2 ** 20)} MB\n`);
    expect(late / warm).toBeGreaterThan(1 - SHARE);
    expect(late / warm).toBeLessThan(1 + SHARE);
  });
});
