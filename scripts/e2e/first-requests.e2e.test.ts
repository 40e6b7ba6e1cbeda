import { checkInvariants, checkRollUp, countUsageRows, listDailyCost, rollUp } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

const request = {
  requestType: 'lesson_script',
  prompt: 'Explain the particle と to beginners.',
  options: { language: 'en' },
  timeoutMs: 20_000,
} as const;

async function count(fleet: Fleet, text: string): Promise<number> {
  const { rows } = await fleet.database.pool.query<{ n: bigint }>(text);
  return Number(rows[0]?.n ?? 0n);
}

for (const queue of ['redis', 'postgres'] as const) {
  describe(`the first requests of a new AI Core, queue on ${queue}`, () => {
    let fleet: Fleet;
    beforeAll(async () => {
      fleet = await startFleet({ queue });
    });
    afterAll(() => fleet.stop());

    it('begins with the migrations applied and 11 configurations', async () => {
      expect(await count(fleet, 'select count(*) as n from ai_migration')).toBeGreaterThanOrEqual(4);
      expect(await count(fleet, 'select count(*) as n from ai_provider_config')).toBe(11);
      expect(await count(fleet, 'select count(*) as n from ai_memory')).toBe(0);
      expect(await count(fleet, 'select count(*) as n from ai_usage_log')).toBe(0);
    });

    it('buys the first answer and remembers it in one row', async () => {
      const answer = await fleet.aiCore.generateText(request);
      expect(answer).toMatchObject({ cached: false, source: 'provider', simulated: true, savedNanoUsd: 0n });
      expect(answer.text.length).toBeGreaterThan(0);
      expect(answer.costNanoUsd).toBeGreaterThan(0n);
      expect(await count(fleet, 'select count(*) as n from ai_memory')).toBe(1);
      expect(fleet.simulator.bill()).toHaveLength(1);
    });

    it('answers the same request from memory, at no cost, and says what it saved', async () => {
      const first = await fleet.aiCore.generateText(request);
      const other = await fleet.openAiCore();
      const second = await other.generateText({ ...request, prompt: '  explain the particle と   TO beginners. ' });
      await other.close();
      expect(second).toMatchObject({ cached: true, source: 'memory', costNanoUsd: 0n, text: first.text });
      expect(second.savedNanoUsd).toBeGreaterThan(0n);
      expect(fleet.simulator.bill()).toHaveLength(1);
    });

    it('has one provider row and hit rows in the usage log, and the day equal to their sum', async () => {
      const other = await fleet.openAiCore();
      await other.generateText(request);
      await other.close();
      await fleet.aiCore.close();
      const { days } = await rollUp(fleet.database);
      expect(days).toHaveLength(1);
      const rows = await fleet.database.pool.query<{ source: string; n: bigint; cost: bigint | null }>(
        'select source, count(*) as n, sum(cost_nano_usd)::bigint as cost from ai_usage_log group by source order by source',
      );
      expect(rows.rows.map((row) => row.source)).toEqual(['memory', 'provider']);
      expect(rows.rows[1]?.n).toBe(1n);
      const [daily] = await listDailyCost(fleet.database, null, true);
      expect(daily?.requests).toBe(await countUsageRows(fleet.database, true));
      expect(daily?.costNanoUsd).toBe(rows.rows[1]?.cost);
      expect((await checkRollUp(fleet.database)).differences).toEqual([]);
      expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
    });
  });
}
