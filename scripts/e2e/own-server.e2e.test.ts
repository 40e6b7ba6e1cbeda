import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { commandTrainer, deployModel, evaluateModel } from '@ai-core/flywheel';
import { rollBackOwnModel, type TrainingRun } from '@ai-core/store';
import { simulatedAccess } from '@ai-core/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFleet, TEXT_ROLES, type Fleet } from './fleet.ts';
import { makeWheel, type Wheel } from './wheel.ts';

const TRAINER = fileURLToPath(new URL('./retrieval-trainer.ts', import.meta.url));

let fleet: Fleet;
let wheel: Wheel;
let server: ChildProcess | undefined;
beforeAll(async () => {
  fleet = await startFleet({ queue: 'postgres', roles: TEXT_ROLES });
  wheel = makeWheel(fleet);
});
afterAll(async () => {
  server?.kill();
  await fleet.stop();
  wheel.remove();
});

/** Serves what a run has made. @returns the address */
function serve(run: TrainingRun): Promise<string> {
  const child = fork(TRAINER, ['serve', run.provider_job_id ?? ''], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  server = child;
  return new Promise((resolve, reject) => {
    child.once('message', (url) => resolve(url as string));
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
}

it('a model that a command on this machine trains is served, evaluated and deployed, and when its server goes down others answer', async () => {
  const answers = await wheel.ask(60);
  await wheel.verify(answers);
  const run = await wheel.train('own_v1', {
    provider: 'command',
    trainer: commandTrainer({ command: `"${process.execPath}" "${TRAINER}" train` }),
  });
  expect(run).toMatchObject({ status: 'completed', error: null, training_cost_nano_usd: '250000000', host: 'here' });
  expect(run.validation_accuracy).toBeGreaterThan(0.2);
  expect(run.curve).toMatchObject([{ validation_accuracy: run.validation_accuracy }]);
  expect(run.events.map(({ message }) => message).join('\n')).toMatch(/examples on top of gpt-4o-mini[\s\S]*validation accuracy/);

  const baseUrl = await serve(run);
  await fleet.openWorker({ roles: 'text-local', access: simulatedAccess({ local_small_model: baseUrl }) });
  const { provider, model } = answers[0] ?? { provider: '', model: '' };
  const evaluation = await evaluateModel({
    database: fleet.database,
    aiCore: await fleet.openAiCore(),
    version: 'own_v1',
    against: { provider, model },
    simulated: true,
    requestedBy: 'test',
    recent: 30,
  });
  expect(evaluation.report.candidate).toMatchObject({ failed: 0, costNanoUsd: '0' });
  await deployModel(fleet.database, { version: 'own_v1', share: 100, force: true, by: 'test' });
  await wheel.reopen();
  const served = await wheel.ask(20);
  expect(served.every((answer) => answer.provider === 'local_small_model' && answer.model === 'own_v1')).toBe(true);

  server?.kill('SIGKILL');
  const others = await wheel.ask(3);
  expect(others.every((answer) => answer.provider !== 'local_small_model' && answer.text.length > 0)).toBe(true);
  await rollBackOwnModel(fleet.database, { simulated: true, because: 'its server is gone', by: 'test' });
  await wheel.reopen();
  expect((await wheel.ask(3)).every((answer) => answer.provider !== 'local_small_model')).toBe(true);
});

it('a training command that fails leaves a failed run with its log and its exit code', async () => {
  const run = await wheel.train('own_v2', { provider: 'command', trainer: commandTrainer({ command: 'echo out of memory; exit 3' }) });
  expect(run).toMatchObject({ status: 'failed', error: 'the training command ended with 3' });
  expect(run.events.at(-1)?.message).toBe('out of memory');
});
