import {
  applyTierProposal,
  getReceipt,
  listTierChoices,
  listTierProposals,
  rateMemory,
  rollUp,
  undoTierChoice,
  type Act,
} from '@ai-core/store';
import type { AiCore } from '@ai-core/producer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

const TYPE = 'report';
const SCORES = 24;
const asked = { requestType: TYPE, simulated: true };
let fleet: Fleet;
let act: Act;
beforeAll(async () => {
  fleet = await startFleet({ queue: 'postgres' });
  act = { database: fleet.database, actor: 'mika', announce: async () => undefined };
});
afterAll(() => fleet.stop());

const lineOf = async () => (await listTierProposals(fleet.database, true)).find(({ requestType }) => requestType === TYPE);
/** A process that has just started: it has seen every change. */
const ask = async (aiCore: AiCore, prompt: string, tier?: string) =>
  aiCore.generateText({ requestType: TYPE, prompt, ...(tier === undefined ? {} : { options: { tier } }) });

async function rate(tier: string | undefined, rating: number): Promise<void> {
  const answers = await Promise.all(Array.from({ length: SCORES }, (_, n) => ask(fleet.aiCore, `${tier} ${n}`, tier)));
  for (const { memoryId } of answers)
    await rateMemory(fleet.database, { memoryId: memoryId ?? '', userId: 'u', caller: 'test', rating, comment: null });
}

it('proposes the cheaper tier once its answers are rated well, counts what it saves, and goes back in one act', async () => {
  await rate(undefined, 5);
  await rollUp(fleet.database);
  expect(await lineOf()).toMatchObject({ tier: 'normal', proposal: null, judged: [{ tier: 'cheap', refusal: 'too_few_scores' }] });
  await expect(applyTierProposal(act, asked)).rejects.toThrow('no cheaper tier is proposed for report');

  await rate('cheap', 5);
  await rollUp(fleet.database);
  const line = await lineOf();
  expect(line).toMatchObject({ floor: 0.8, monthlyCalls: 2 * SCORES, proposal: { tier: 'cheap' } });
  expect(BigInt(line?.proposal?.monthlySavingNanoUsd ?? 0)).toBeGreaterThan(0n);

  const choice = await applyTierProposal(act, asked);
  expect(choice).toMatchObject({
    fromTier: 'normal',
    toTier: 'cheap',
    from: { model: line?.now.model },
    to: { model: line?.proposal?.model },
  });
  await expect(applyTierProposal(act, asked)).rejects.toThrow('no cheaper tier is proposed');
  const fresh = await fleet.openAiCore();
  await fleet.worker.stop({ graceMs: 500 });
  await fleet.openWorker();
  const answer = await ask(fresh, 'after the choice');
  expect(answer.model).toBe(line?.proposal?.model);
  const receipt = await getReceipt(fleet.database, answer.jobId ?? '');
  expect(receipt?.rows[0]?.savings).toMatchObject([{ reason: 'cheaper_model' }]);
  expect(receipt?.rows[0]?.savedNanoUsd).toBe(receipt?.rows[0]?.savings[0]?.nanoUsd);
  expect(answer.savedNanoUsd).toBe(receipt?.rows[0]?.savedNanoUsd);

  expect(await undoTierChoice(act, asked)).toMatchObject({ id: choice.id, undoneBy: 'mika' });
  await expect(undoTierChoice(act, asked)).rejects.toThrow('no tier was chosen for report');
  expect(await listTierChoices(fleet.database, true)).toMatchObject([{ id: choice.id, undoneBy: 'mika' }]);
  expect((await ask(await fleet.openAiCore(), 'after the undo')).model).toBe(line?.now.model);
  const { rows } = await fleet.database.pool.query<{ action: string; actor: string }>(
    `select action, actor from ai_audit_log where subject = $1 order by at`,
    [TYPE],
  );
  expect(rows).toEqual([
    { action: 'tier.applied', actor: 'mika' },
    { action: 'tier.undone', actor: 'mika' },
  ]);
});

it('does not propose what people rated badly, and does not undo over an admin’s later decision', async () => {
  await applyTierProposal(act, asked);
  await fleet.database.pool.query(`update ai_request_type_policy set tier = 'premium' where request_type = $1`, [TYPE]);
  await expect(undoTierChoice(act, asked)).rejects.toThrow('somebody has set the tier of report to premium since');
  await fleet.database.pool.query(`delete from ai_request_type_policy where request_type = $1`, [TYPE]);
  await fleet.database.pool.query(`update ai_memory set user_rating = 3 where request_type = $1`, [TYPE]);
  expect(await lineOf()).toMatchObject({ proposal: null, judged: [{ tier: 'cheap', refusal: 'below_floor' }] });
});
