import { rateMemory, reportExperiment, startExperiment, stopExperiment } from '@ai-core/store';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({ queue: 'postgres' });
});
afterAll(() => fleet.stop());

it('two models share the prompts of a request type, and the report compares quality, cost and latency', async () => {
  const { rows } = await fleet.database.pool.query<{ model: string }>(
    `select model_name as model from ai_provider_config where provider = 'openai' and kind = 'text' and is_active order by cost_per_million_tokens limit 2`,
  );
  const [control, candidate] = rows.map(({ model }) => ({ provider: 'openai', model }));
  if (control === undefined || candidate === undefined) throw new Error('the catalogue has no two models of OpenAI');
  const order = { name: 'notes', requestTypes: ['note'], control, candidate, candidateShare: 40, simulated: true, by: 'test' };
  await startExperiment(fleet.database, order);
  await expect(startExperiment(fleet.database, order)).rejects.toThrow(/a name of its own/);
  const aiCore = await fleet.openAiCore();
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, n) => aiCore.generateText({ requestType: 'note', prompt: `note ${n}` })),
  );
  for (const { memoryId, model } of answers) {
    const rating = model === candidate.model ? 5 : 2;
    await rateMemory(fleet.database, { memoryId: memoryId ?? '', userId: 'u', caller: 'test', rating, comment: null });
  }
  const report = await reportExperiment(fleet.database, 'notes');
  expect(report.control.answers + report.candidate.answers).toBe(100);
  expect(report.candidate.answers).toBeGreaterThan(20);
  expect(report.candidate.quality?.estimate).toBe(1);
  expect(report.control.quality?.estimate).toBeCloseTo(0.4);
  expect(Number(report.candidate.costPerAnswerNanoUsd)).toBeGreaterThan(Number(report.control.costPerAnswerNanoUsd));
  expect(Number(report.savedNanoUsd)).toBeLessThan(0);
  await stopExperiment(fleet.database, 'notes', 'test');
  await expect(stopExperiment(fleet.database, 'notes', 'test')).rejects.toThrow(/no experiment notes runs/);
});
