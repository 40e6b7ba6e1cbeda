import type { StormFleet } from './storm-fleet.ts';
import type { AiCore } from '@ai-core/producer';
import { isProviderName, type ProviderName } from '@ai-core/core';
import { percentile, type Bench, type Measurement } from './bench.ts';
import { steadyLoad } from './steady-load.ts';
import { startStormFleet } from './storm-fleet.ts';

/** As the quicker real providers, and how long a call to the silent one is waited for. */
const LATENCY_MS = 500;
const CALL_TIMEOUT_MS = 2_000;
const PER_SECOND = 20;
const WINDOW_MS = 15_000;
const SETTLE_MS = 2_000;
const FAILED_CALLS_GOAL = 5;
const RATIO_GOAL = 1.1;

interface Calls {
  /** Failed calls of the silent provider when its circuit opened. */
  readonly failedBefore: number;
  /** Its calls in the whole window: those under way when it opened, and probes, included. */
  readonly all: number;
}

/** Who answers requests that leave the choice to AI Core, and a model of somebody else. */
async function findProviders(
  fleet: StormFleet,
  aiCore: AiCore,
): Promise<{ first: ProviderName; other: { provider: string; model: string } }> {
  const { provider: first } = await aiCore.generateText({ requestType: 'quiz', prompt: 'Who answers?', timeoutMs: 30_000 });
  if (!isProviderName(first)) throw new Error(`${first} is no provider`);
  const { rows } = await fleet.database.pool.query<{ provider: string; model: string }>(
    `select provider, model_name as model from ai_provider_config
     where kind = 'text' and is_active and provider in ('openai', 'claude') and provider <> $1 order by model_name limit 1`,
    [first],
  );
  const [other] = rows;
  if (other === undefined) throw new Error(`there is no text provider beside ${first}`);
  return { first, other };
}

async function countCalls({ database }: StormFleet, provider: string, sinceMs: number): Promise<Calls> {
  const { rows } = await database.pool.query<{ failed: number; total: number }>(
    `select count(*)::integer as total,
       count(*) filter (where a.state <> 'reserved' and a.finished_at <= (select h.opened_at from ai_provider_health h where h.provider = $1))::integer
         as failed
     from ai_attempt a where a.provider = $1 and a.started_at >= to_timestamp($2)`,
    [provider, sinceMs / 1_000],
  );
  return { failedBefore: rows[0]?.failed ?? 0, all: rows[0]?.total ?? 0 };
}

/**
 * Windows with and without a provider that accepts and never answers take turns, so that what else happens on the machine hits both
 * alike. Half of the load names another provider and is measured; the other half leaves the choice open and would go to the silent one.
 */
export const deadProvider: Bench = {
  about: 'a provider that accepts and never answers: calls until its circuit opens, and the p99 of the other providers beside it',
  async run(services) {
    const fleet = await startStormFleet(services, LATENCY_MS);
    await fleet.database.pool.query('update ai_provider_config set limits = $1', [{ timeoutsMs: { total: CALL_TIMEOUT_MS } }]);
    await fleet.openWorker({ roles: 'text-openai,text-claude,maintenance', concurrency: 50 });
    const aiCore = await fleet.openAiCore({ caller: 'bench' });
    const { first, other } = await findProviders(fleet, aiCore);
    let question = 0;
    const ask = (more: object) =>
      aiCore.generateText({ requestType: 'quiz', prompt: `question ${question++}`, timeoutMs: 60_000, ...more });

    async function runWindow(): Promise<number[]> {
      const pace = { perSecond: PER_SECOND, durationMs: WINDOW_MS };
      const [others] = await Promise.all([steadyLoad({ ...pace, ask: () => ask(other) }), steadyLoad({ ...pace, ask: () => ask({}) })]);
      return others;
    }

    const well: number[] = [];
    const beside: number[] = [];
    const calls: Calls[] = [];
    await runWindow();
    for (let round = 0; round < (services.quick ? 2 : 4); round++) {
      well.push(...(await runWindow()));
      const { rows } = await fleet.database.pool.query<{ now: Date }>('select clock_timestamp() as now');
      const fault = fleet.simulator.control().addFault({ provider: first, fault: 'hang' });
      beside.push(...(await runWindow()));
      fleet.simulator.control().removeFault(fault);
      calls.push(await countCalls(fleet, first, rows[0]?.now.getTime() ?? 0));
      await fleet.database.pool.query('delete from ai_provider_health');
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    }
    await fleet.stop();

    const p99 = { beside: percentile(beside, 0.99), well: percentile(well, 0.99) };
    const failed = Math.max(...calls.map((one) => one.failedBefore));
    const all = Math.max(...calls.map((one) => one.all));
    return [
      {
        bench: 'dead-provider p99 of the others',
        ours: p99.beside,
        yardstick: p99.well,
        ratio: p99.beside / p99.well,
        unit: `ms, ${beside.length} requests each; without the silent provider as yardstick`,
        goal: `<= ${RATIO_GOAL} of the same without it`,
        met: p99.beside / p99.well <= RATIO_GOAL,
      },
      {
        bench: 'dead-provider calls until open',
        ours: failed,
        yardstick: FAILED_CALLS_GOAL,
        ratio: failed / FAILED_CALLS_GOAL,
        unit: `failed calls when the circuit opened, worst of ${calls.length}; ${all} begun in that window, under way and probes included`,
        goal: `<= ${FAILED_CALLS_GOAL}`,
        met: failed <= FAILED_CALLS_GOAL,
      },
    ] satisfies Measurement[];
  },
};
