/** Providers that fail as a whole: the fleet leaves them out, and takes them back by itself. */
import { AiCoreError, isProviderName, type ProviderName } from '@ai-core/core';
import { checkInvariants } from '@ai-core/store';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFleet, TEXT_ROLES, type Fleet } from './fleet.ts';

const CALLS_UNTIL_OPEN = 5;
/** Far below what a caller waits, far above what the simulator takes. */
const CALL_TIMEOUT_MS = 1_000;

for (const queue of ['redis', 'postgres'] as const) {
  describe(`a provider that fails as a whole, queue on ${queue}`, () => {
    let fleet: Fleet;
    let question = 0;
    // One each: what processes know of a circuit they know for a second.
    beforeEach(async () => {
      fleet = await startFleet({ queue, roles: 'maintenance' });
      await fleet.database.pool.query('update ai_provider_config set limits = $1', [{ timeoutsMs: { total: CALL_TIMEOUT_MS } }]);
      await fleet.openWorker({ roles: TEXT_ROLES });
    });
    afterEach(() => fleet.stop());

    const ask = () => fleet.aiCore.generateText({ requestType: 'quiz', prompt: `${queue} question ${question++}`, timeoutMs: 60_000 });
    /** Who answers, as a name the simulator knows. */
    async function askWho(): Promise<{ provider: ProviderName; model: string }> {
      const { provider, model } = await ask();
      if (!isProviderName(provider)) throw new Error(`${provider} is no provider`);
      return { provider, model };
    }
    const callsOf = (provider: ProviderName) => fleet.simulator.control().totals()[provider] ?? 0;
    async function circuitOf(provider: string): Promise<string | undefined> {
      const { rows } = await fleet.database.pool.query<{ circuit: string }>('select circuit from ai_provider_health where provider = $1', [
        provider,
      ]);
      return rows[0]?.circuit;
    }

    it('accepts and never answers: after five calls nobody calls it, and everybody is answered by the next model', async () => {
      const first = (await askWho()).provider;
      fleet.simulator.control().addFault({ provider: first, fault: 'hang' });
      const before = callsOf(first);
      // One after the other: what is under way when the fifth call ends cannot be taken back.
      for (let n = 0; n < CALLS_UNTIL_OPEN; n++) expect((await ask()).provider).not.toBe(first);
      expect(await circuitOf(first)).toBe('open');
      const answers = await Promise.all(Array.from({ length: 20 }, ask));
      expect(answers.every((answer) => answer.provider !== first)).toBe(true);
      expect(callsOf(first) - before).toBe(CALLS_UNTIL_OPEN);
    });

    it('answers only errors: everybody is answered by the next model, whose name is in the answer and in the ledger', async () => {
      const first = (await askWho()).provider;
      fleet.simulator.control().addFault({ provider: first, fault: 'overloaded' });
      const before = callsOf(first);
      const answers = [];
      for (let n = 0; n < CALLS_UNTIL_OPEN + 1; n++) answers.push(await ask());
      expect(callsOf(first) - before).toBe(CALLS_UNTIL_OPEN);
      expect(await circuitOf(first)).toBe('open');
      for (const answer of answers) {
        expect(answer.provider).not.toBe(first);
        const { rows } = await fleet.database.pool.query<{ provider: string; state: string; error_code: string | null }>(
          'select provider, state, error_code from ai_attempt where job_id = $1 order by started_at',
          [answer.jobId],
        );
        expect(rows.at(-1)).toEqual({ provider: answer.provider, state: 'billed', error_code: null });
        for (const failed of rows.slice(0, -1)) expect(failed).toMatchObject({ provider: first, error_code: 'PROVIDER_OVERLOADED' });
      }
    });

    it('is called again by one probe when its time has come, without a restart', async () => {
      const first = (await askWho()).provider;
      const fault = fleet.simulator.control().addFault({ provider: first, fault: 'hang' });
      for (let n = 0; n < CALLS_UNTIL_OPEN; n++) await ask();
      expect(await circuitOf(first)).toBe('open');
      fleet.simulator.control().removeFault(fault);
      await fleet.database.pool.query('update ai_provider_health set open_until = clock_timestamp() where provider = $1', [first]);
      await expect.poll(async () => (await ask()).provider, { timeout: 15_000 }).toBe(first);
      expect(await circuitOf(first)).toBe('closed');
    });

    it('refuses our key: it is left out at once, and a request that names it is told so without a call', async () => {
      const { provider, model } = await askWho();
      fleet.simulator.control().addFault({ provider, fault: 'unauthenticated' });
      const next = await ask();
      expect(next.provider).not.toBe(provider);
      expect(await circuitOf(provider)).toBe('open');
      const before = callsOf(provider);
      const refusal = await fleet.aiCore
        .generateText({ requestType: 'quiz', prompt: `${queue} named`, provider, model, timeoutMs: 20_000 })
        .catch((error: unknown) => error);
      expect(AiCoreError.is(refusal) && refusal.code).toMatch(/^(PROVIDER_AUTH|NO_MODEL_AVAILABLE)$/);
      expect(callsOf(provider)).toBe(before);
      expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
    });
  });
}
