import { findCatalogueModel, computeCost, pricesOf, type Usage } from '@ai-core/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

interface Billed {
  readonly model: string;
  readonly cost: bigint | null;
  /** Of the caller's row in the usage log; null = listed as unpriced. */
  readonly charged: bigint | null;
  readonly usage: Usage;
}

/** What a usage costs at the price the catalogue ships for a model. */
function worth(model: string, usage: Usage): bigint | null {
  const known = findCatalogueModel('openai', model);
  const [price] = known === undefined ? [] : pricesOf(known).slice(-1);
  return computeCost(usage, price === undefined ? null : { ...price, id: '' }).nanoUsd;
}

describe('a call', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'postgres' });
  });
  afterAll(() => fleet.stop());

  async function buy(model: string, fault = ''): Promise<Billed> {
    const answer = await fleet.aiCore.generateText({
      requestType: 'quiz',
      prompt: `A quiz ${fault}`,
      provider: 'openai',
      model,
      timeoutMs: 20_000,
    });
    const { rows } = await fleet.database.pool.query<Billed>(
      'select a.billed_model as model, a.cost_nano_usd as cost, u.cost_nano_usd as charged, a.usage from ai_attempt a join ai_usage_log u on u.attempt_id = a.id where a.job_id = $1',
      [answer.jobId],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('there is no attempt');
    return row;
  }

  it('is billed at the price of the model that was asked when that one answered', async () => {
    const { model, cost, usage } = await buy('gpt-6-luna');
    expect([model, cost]).toEqual(['gpt-6-luna', worth('gpt-6-luna', usage)]);
    expect(cost).toBeGreaterThan(0n);
  });

  it('is billed at the price of the model that answered in its place', async () => {
    const { model, cost, usage } = await buy('gpt-6-luna', '[[fault:other-model?model=gpt-6.1-terra]]');
    expect([model, cost]).toEqual(['gpt-6.1-terra', worth('gpt-6.1-terra', usage)]);
    expect(cost).not.toBe(worth('gpt-6-luna', usage));
  });

  it('is billed as its model when a dated snapshot of it answered', async () => {
    const { model, cost, usage } = await buy('gpt-6-luna', '[[fault:other-model?model=gpt-6-luna-2026-10-01]]');
    expect([model, cost]).toEqual(['gpt-6-luna-2026-10-01', worth('gpt-6-luna', usage)]);
  });

  it('is flagged and not billed as another when a model answered that has no price', async () => {
    expect(await buy('gpt-6-luna', '[[fault:other-model?model=gpt-9-ultra]]')).toMatchObject({
      model: 'gpt-9-ultra',
      cost: null,
      charged: null,
    });
  });

  it('of a model that is in the catalogue and has no configuration has its price all the same', async () => {
    const { rows } = await fleet.database.pool.query(`select 1 from ai_provider_config where model_name = 'gpt-5.6-sol'`);
    expect(rows).toEqual([]);
    const { cost, charged, usage } = await buy('gpt-5.6-sol');
    expect([cost, charged]).toEqual([worth('gpt-5.6-sol', usage), worth('gpt-5.6-sol', usage)]);
  });
});
