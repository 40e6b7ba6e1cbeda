import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startTraining } from '@ai-core/flywheel';
import { startSimulator, type Simulator } from '@ai-core/simulator';
import { findTrainingRun, openObjects, type Objects } from '@ai-core/store';
import { createTestDatabase, type TestDatabase } from '@ai-core/store/testing';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startChild, type Child } from '../child-process.ts';
import type { TrainProcessOptions } from '../train-process.ts';

let test: TestDatabase;
let simulator: Simulator;
let objects: Objects;
const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-kills-'));
beforeAll(async () => {
  test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  simulator = await startSimulator({ port: 0 });
  objects = openObjects(inject('s3'));
});
afterAll(async () => {
  objects.close();
  await simulator.close();
  await test.drop();
  rmSync(folder, { recursive: true, force: true });
});

function startTrainer(killAt: string): Promise<Child> {
  const options: TrainProcessOptions = {
    databaseUrl: test.url,
    s3: inject('s3'),
    openaiUrl: simulator.baseUrls.openai,
    folder: path.join(folder, 'runs'),
    workerId: randomUUID(),
    killAt,
  };
  return startChild('./train-process.ts', [JSON.stringify(options)]);
}

async function untilFinished(version: string): Promise<Awaited<ReturnType<typeof findTrainingRun>>> {
  for (;;) {
    const run = await findTrainingRun(test.database, version);
    if (run?.phase === 'finished') return run;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it.each(['before upload', 'after upload', 'before submit', 'after submit', 'before poll', 'after poll'])(
  'a trainer killed %s: another one brings the run to its end, with exactly one job at the provider',
  async (killAt) => {
    const version = killAt.replace(' ', '-');
    const dataFile = path.join(folder, `${version}.jsonl`);
    writeFileSync(
      dataFile,
      Array.from({ length: 40 }, (_, n) =>
        JSON.stringify({ prompt: `question ${n} of ${version}`, completion: `answer ${n} question`, tags: [] }),
      ).join('\n'),
    );
    await startTraining({
      database: test.database,
      objects,
      dataFile,
      validationFile: null,
      validationShare: 0.2,
      batchId: `batch ${version}`,
      version,
      baseModel: 'gpt-4o-mini',
      provider: 'openai',
      simulated: true,
      requestedBy: 'test',
    });
    const before = simulator.control().tuningJobs().length;
    const killed = await startTrainer(killAt);
    await killed.ended;
    expect(killed.process.signalCode).toBe('SIGKILL');
    const next = await startTrainer('never');
    const run = await untilFinished(version);
    next.process.kill('SIGKILL');
    expect(run).toMatchObject({ status: 'completed', error: null, training_duration_minutes: 30 });
    const jobs = simulator.control().tuningJobs().slice(before);
    expect(jobs).toHaveLength(1);
    expect(run?.provider_job_id).toBe(jobs[0]?.id);
    expect(run?.training_size).toBe(jobs[0]?.pairs.length);
  },
);
