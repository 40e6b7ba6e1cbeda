import { checkInvariants, checkRollUp, rollUp } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProducerProcess, type Child } from '../child-process.ts';
import type { ProducerReply } from '../producer-process.ts';
import { startFleet, type Fleet } from './fleet.ts';

const REQUESTS = 10_000;
const PROMPTS = 100;
const PRODUCERS = 3;

interface Outcome {
  readonly prompt: number;
  readonly reply: ProducerReply;
}

for (const queue of ['redis', 'postgres'] as const) {
  describe(`${REQUESTS} simultaneous requests of ${PROMPTS} prompts from ${PRODUCERS} processes, queue on ${queue}`, () => {
    let fleet: Fleet;
    let producers: Child[];
    beforeAll(async () => {
      fleet = await startFleet({ queue });
      producers = await Promise.all(
        Array.from({ length: PRODUCERS }, () =>
          startProducerProcess({
            databaseUrl: fleet.databaseUrl,
            redisUrl: fleet.redisUrl,
            redisPrefix: fleet.redisPrefix,
            simulated: true,
            caller: 'storm',
          }),
        ),
      );
    });
    afterAll(async () => {
      await Promise.all(producers.map((producer) => producer.stop()));
      await fleet.stop();
    });

    function storm(run: string): Promise<Outcome[]> {
      return new Promise((resolve) => {
        const outcomes: Outcome[] = [];
        for (const producer of producers) {
          producer.process.removeAllListeners('message');
          producer.process.on('message', (reply: ProducerReply) => {
            if (reply.accepted !== undefined) return;
            outcomes.push({ prompt: reply.id % PROMPTS, reply });
            if (outcomes.length === REQUESTS) resolve(outcomes);
          });
        }
        for (let id = 0; id < REQUESTS; id++) {
          producers[id % PRODUCERS]?.process.send({
            id,
            input: { requestType: 'quiz', prompt: `${run} prompt ${id % PROMPTS}`, timeoutMs: 90_000 },
          });
        }
      });
    }

    async function stopProducers(): Promise<void> {
      await Promise.all(producers.map((producer) => producer.stop()));
      producers = [];
    }

    it(`calls the provider exactly ${PROMPTS} times and answers everyone right; after a failed first try too`, async () => {
      const outcomes = await storm('first');
      expect(outcomes.filter(({ reply }) => reply.error !== undefined)).toEqual([]);
      expect(fleet.simulator.bill()).toHaveLength(PROMPTS);
      const texts = new Map<number, string>();
      for (const { prompt, reply } of outcomes) {
        const text = reply.answer?.text ?? '';
        expect(text.length).toBeGreaterThan(0);
        expect(texts.get(prompt) ?? text).toBe(text);
        texts.set(prompt, text);
      }
      expect(new Set(texts.values()).size).toBe(PROMPTS);

      // Every first call of the second storm fails once: it is tried again for all who wait, and for nobody it is swallowed. By a rate
      // limit, since a hundred calls that find the provider away would open its circuit.
      fleet.simulator.control().addFault({ fault: 'rate-limit', times: PROMPTS });
      const again = await storm('second');
      expect(again.filter(({ reply }) => reply.error !== undefined)).toEqual([]);
      expect(fleet.simulator.bill()).toHaveLength(2 * PROMPTS);

      await stopProducers();
      await rollUp(fleet.database);
      const { rows } = await fleet.database.pool.query<{ source: string; n: bigint }>(
        `select source, count(*) as n from ai_usage_log where row_kind = 'request' group by source`,
      );
      const counts = Object.fromEntries(rows.map((row) => [row.source, Number(row.n)]));
      expect(counts['provider']).toBe(2 * PROMPTS);
      expect((counts['memory'] ?? 0) + (counts['in_flight'] ?? 0)).toBe(2 * (REQUESTS - PROMPTS));
      expect((await checkRollUp(fleet.database)).differences).toEqual([]);
      expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
    });
  });
}
