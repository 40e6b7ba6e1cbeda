import { checkInvariants, checkRollUp, rollUp } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIO_ROLES, startFleet, type Fleet } from './fleet.ts';

const REQUESTS = 1_000;
const TEXTS = 20;

for (const queue of ['redis', 'postgres'] as const) {
  describe(`${REQUESTS} simultaneous requests of ${TEXTS} texts to speak, queue on ${queue}`, () => {
    let fleet: Fleet;
    beforeAll(async () => {
      fleet = await startFleet({ queue, roles: AUDIO_ROLES, simulator: { speech: 'tiled' } });
    });
    afterAll(() => fleet.stop());

    it(`are ${TEXTS} calls, ${TEXTS} objects and ${REQUESTS} answers with the same bytes`, async () => {
      const producers = [fleet.aiCore, await fleet.openAiCore(), await fleet.openAiCore()];
      const textOf = (index: number): string => `Queue on ${queue}: the text number ${index % TEXTS} is spoken once for everybody.`;
      const answers = await Promise.all(
        Array.from({ length: REQUESTS }, (_, index) =>
          (producers[index % producers.length] ?? fleet.aiCore).generateAudio({ text: textOf(index), language: 'en', timeoutMs: 90_000 }),
        ),
      );
      expect(fleet.simulator.bill()).toHaveLength(TEXTS);
      const first = answers.slice(0, TEXTS);
      for (const [index, answer] of answers.entries()) {
        const same = first[index % TEXTS];
        expect(answer.sha256).toBe(same?.sha256);
        expect(Buffer.compare(answer.audio, same?.audio ?? Buffer.alloc(1))).toBe(0);
      }
      const { rows } = await fleet.database.pool.query<{ objects: bigint; rows: bigint }>(
        `select count(distinct generated_audio_file) as objects, count(*) as rows from ai_memory`,
      );
      expect(rows).toEqual([{ objects: BigInt(TEXTS), rows: BigInt(TEXTS) }]);
      for (const producer of producers) await producer.close();
      await rollUp(fleet.database);
      const counted = await fleet.database.pool.query<{ requests: bigint; paid: bigint }>(
        `select count(*) as requests, count(*) filter (where source = 'provider') as paid from ai_usage_log where row_kind = 'request'`,
      );
      expect(counted.rows).toEqual([{ requests: BigInt(REQUESTS), paid: BigInt(TEXTS) }]);
      expect((await checkRollUp(fleet.database)).differences).toEqual([]);
      expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
    });
  });
}
