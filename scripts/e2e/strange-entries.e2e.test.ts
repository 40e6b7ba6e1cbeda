import { openQueue } from '@ai-core/queue';
import { checkInvariants } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

const OPENAI = { provider: 'openai', model: 'gpt-6-luna' } as const;

/** Old and new versions share queues while one replaces the other, and people have buttons that edit entries. */
describe.each(['redis', 'postgres'] as const)('an entry of another version, queue on %s', (queueName) => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({ queue: queueName });
  });
  afterAll(() => fleet.stop());

  it('is no work for this one, stops nobody else, and loses nothing that the ledger knows', async () => {
    const { databaseUrl, redisUrl, redisPrefix } = fleet;
    const queue = await openQueue({ databaseUrl, redisUrl, redisPrefix, onError: () => undefined });
    const entries = queue.listQueues();
    const work = entries.find((one) => one.name === 'text-openai');
    const maintenance = entries.find((one) => one.name === 'maintenance');
    const strange: object[] = [
      {},
      { jobId: 'not-an-id', generation: '1' },
      { jobId: '018f0000-0000-7000-8000-000000000000', generation: 'not a number' },
      { jobId: '018f0000-0000-7000-8000-000000000000', generation: '1' },
      { version: 2, work: { id: '018f0000-0000-7000-8000-000000000000' } },
    ];
    for (const data of strange) await work?.add('quiz', data);
    await maintenance?.add('a-job-of-the-next-release', { version: 2 });

    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        fleet.aiCore.generateText({ requestType: 'quiz', prompt: `beside strange entries ${n}`, ...OPENAI, timeoutMs: 30_000 }),
      ),
    );
    expect(answers.every((answer) => answer.source === 'provider')).toBe(true);
    await expect
      .poll(async () => (await queue.depths()).filter((depth) => depth.queue !== 'maintenance' && depth.waiting + depth.active > 0), {
        timeout: 20_000,
      })
      .toEqual([]);
    expect(fleet.simulator.bill()).toHaveLength(10);
    await queue.close();
    expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
  });
});
