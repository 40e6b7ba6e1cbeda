import { deployModel, evaluateModel, watchCanaries } from '@ai-core/flywheel';
import { checkInvariants, findTrainingRun, listEvaluations, markModelAnswersStale, requestEvaluation } from '@ai-core/store';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFleet, TEXT_ROLES, type Fleet } from './fleet.ts';
import { makeWheel, type Wheel } from './wheel.ts';

let fleet: Fleet;
let wheel: Wheel;
beforeAll(async () => {
  fleet = await startFleet({ queue: 'postgres', roles: TEXT_ROLES });
  wheel = makeWheel(fleet);
  // Fewer answers than the stated errors need: this test is about the way, not about the statistics.
  await fleet.database.pool.query(`insert into ai_quality_gate (request_type, min_items, max_loss_of_quality) values ('*', 10, 0.3)`);
});
afterAll(async () => {
  await fleet.stop();
  wheel.remove();
});

async function evaluate(version: string) {
  const { rows } = await fleet.database.pool.query<{ provider: string; model: string }>(
    `select provider, model from ai_memory where request_type = 'grammar_note' and provider <> 'local_small_model' order by created_at limit 1`,
  );
  const against = rows[0] ?? { provider: '', model: '' };
  // A process that has looked at the configurations a moment ago does not know the new model yet.
  const aiCore = await fleet.openAiCore();
  return evaluateModel({
    database: fleet.database,
    aiCore,
    version,
    against,
    simulated: true,
    requestedBy: 'test',
    validation: 40,
    recent: 0,
  });
}

/** Traffic with ratings until the watch says something else than to go on. */
async function serveUntil(action: string): Promise<string> {
  await wheel.reopen();
  for (let round = 0; round < 40; round++) {
    const answers = await wheel.ask(60);
    expect(answers.every(({ text }) => text.length > 0)).toBe(true);
    await wheel.rate(answers);
    const event = (await watchCanaries(fleet.database)).at(0);
    if (event !== undefined && event.decision.action !== 'continue') {
      expect(event.decision.action).toBe(action);
      return event.decision.because;
    }
  }
  throw new Error(`forty rounds and no ${action}`);
}

async function trafficOf(version: string): Promise<number> {
  await wheel.reopen();
  const answers = await wheel.ask(100);
  return answers.filter(({ provider, model }) => provider === 'local_small_model' && model === version).length;
}

it('goes round: requests, ratings, verdicts, export, training, evaluation, canary, all the traffic, decay, rollback; no caller sees an error', async () => {
  const answers = await wheel.ask(300);
  await wheel.rate(answers);
  await wheel.verify(answers);

  const run = await wheel.train('notes_v1');
  expect(run).toMatchObject({ status: 'completed', error: null, served_provider: 'openai', training_duration_minutes: 30 });
  // The simulator writes in phrases: some answers are almost the same and only one of them trains.
  expect(run.training_size).toBeGreaterThan(150);
  expect(run.validation_size).toBeGreaterThan(10);
  expect(Number(run.training_cost_nano_usd)).toBe((run.trained_tokens ?? 0) * 3_000);
  expect(run.validation_loss).toBeLessThan(1);
  expect(run.validation_accuracy).toBeGreaterThan(0.5);
  const losses = run.curve.map(({ training_loss: loss }) => Number(loss));
  expect(losses).toEqual(losses.toSorted((one, two) => two - one));
  expect(run.curve.at(-1)).toMatchObject({ training_loss: run.training_loss, validation_accuracy: run.validation_accuracy });
  expect(run.events.map(({ message }) => message).join()).toMatch(/uploaded.*is made.*success/);

  await expect(deployModel(fleet.database, { version: 'notes_v1', by: 'test' })).rejects.toThrow(/has not been evaluated/);
  const evaluation = await evaluate('notes_v1');
  expect(evaluation).toMatchObject({ gate: 'passed', reasons: [] });
  expect(evaluation.report.preference.low).toBeGreaterThan(0.2);
  expect(await trafficOf('notes_v1')).toBe(0);

  await deployModel(fleet.database, { version: 'notes_v1', share: 10, scoresPerLook: 10, by: 'test' });
  await serveUntil('promote');
  const half = await trafficOf('notes_v1');
  expect(half).toBeGreaterThan(25);
  expect(half).toBeLessThan(75);
  await serveUntil('promote');
  expect(await trafficOf('notes_v1')).toBe(100);
  expect(await findTrainingRun(fleet.database, 'notes_v1')).toMatchObject({ status: 'deployed', is_active: true });

  // A call that the own model's server fails is answered by another model within the same request.
  fleet.simulator.control().addFault({ model: run.served_model ?? '', fault: 'model-gone', times: 3 });
  expect((await wheel.ask(10)).filter(({ provider }) => provider !== 'local_small_model').length).toBeGreaterThan(0);

  fleet.simulator.control().setQuality(run.served_model ?? '', 'broken');
  expect(await serveUntil('roll_back')).toMatch(/quality is below/);
  expect(await findTrainingRun(fleet.database, 'notes_v1')).toMatchObject({ status: 'rolled_back', is_active: false });
  expect(await trafficOf('notes_v1')).toBe(0);

  const stale = await markModelAnswersStale(fleet.database, 'notes_v1');
  expect(stale).toBeGreaterThan(50);
  const { rows } = await fleet.database.pool.query(
    `select from ai_memory where provider = 'local_small_model' and scope = 'shared' and is_current`,
  );
  expect(rows).toHaveLength(0);
  expect((await checkInvariants(fleet.database)).filter(({ broken }) => broken > 0)).toEqual([]);
}, 300_000);

it('does not let a model into traffic that was trained on nonsense', async () => {
  const answers = await wheel.ask(60);
  await wheel.verify(answers);
  const run = await wheel.train('notes_broken', { spoil: true });
  expect(run.status).toBe('completed');
  const evaluation = await evaluate('notes_broken');
  expect(evaluation.gate).toBe('refused');
  expect(evaluation.reasons.length).toBeGreaterThan(0);

  // Asked for by a person, a worker does the same; the answers come from memory.
  const act = { database: fleet.database, actor: 'reviewer', announce: () => Promise.resolve() };
  const [{ against } = { against: { provider: '', model: '' } }] = await listEvaluations(fleet.database, 'notes_broken');
  await requestEvaluation(act, { version: 'notes_broken', against, validation: 40, recent: 0 });
  await expect(requestEvaluation(act, { version: 'notes_broken', against, validation: 40, recent: 0 })).rejects.toThrow(
    'under way already',
  );
  await expect
    .poll(async () => (await listEvaluations(fleet.database, 'notes_broken')).map(({ gate }) => gate), { timeout: 60_000 })
    .toEqual(['refused', 'refused']);
  const [again] = await listEvaluations(fleet.database, 'notes_broken');
  expect(again?.report).toMatchObject({ items: evaluation.report.items, preference: evaluation.report.preference });
  await expect(deployModel(fleet.database, { version: 'notes_broken', by: 'test' })).rejects.toThrow(/gate has refused/);
  expect(await trafficOf('notes_broken')).toBe(0);
}, 120_000);
