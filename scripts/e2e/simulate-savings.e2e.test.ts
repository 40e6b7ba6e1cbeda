import { readdirSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { makeAiCoreCommand } from './ai-core-command.ts';

interface Scenario {
  readonly name: string;
  readonly requests: number;
  readonly api_calls: number;
  readonly hit_rate: number;
  readonly cost_usd: string;
  readonly saved_share: number;
}

interface Document {
  readonly requests: number;
  readonly seed: number;
  readonly distinct_share: number;
  readonly scenarios: readonly Scenario[];
  readonly guide: readonly Scenario[];
  readonly own_model_calls: number;
  readonly batched_calls: number;
  readonly faults: readonly string[];
}

describe('ai-core simulate savings', () => {
  const command = makeAiCoreCommand();
  afterAll(() => command.remove());

  it('replays a month through the real system: each distinct request is bought once, every other one is a hit', async () => {
    const args = ['simulate', 'savings', '--requests', '150', '--seed', '4', '--distinct-share', '0.2'];
    const { document, code, stderr } = await command.runJson(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { scenarios, guide, ...rest } = document as Document;
    expect(rest).toMatchObject({ requests: 150, seed: 4, distinct_share: 0.2, faults: [] });
    expect(guide.map(({ cost_usd, hit_rate, saved_share }) => [Number(cost_usd), hit_rate, saved_share])).toEqual([
      [200, 0, 0],
      [50, 0.8, 0.75],
      [15, 0.8, 0.93],
    ]);
    expect(scenarios).toMatchObject([
      { name: 'without AI Core', requests: 150, api_calls: 150, hit_rate: 0, saved_share: 0 },
      { name: 'with memory and selection', requests: 150, api_calls: 30, hit_rate: 0.8 },
      { name: 'with own model', requests: 150, api_calls: 30, hit_rate: 0.8 },
      { name: 'with the batch lane', requests: 150, api_calls: 30, hit_rate: 0.8 },
    ]);
    const [without = 0, memory = 0, own = 0, batches = 0] = scenarios.map(({ cost_usd }) => Number(cost_usd));
    expect(without).toBeGreaterThan(memory);
    expect(memory).toBeGreaterThan(own);
    expect(memory).toBeGreaterThan(batches);
    expect(rest.batched_calls).toBeGreaterThan(0);
    expect(scenarios[1]?.saved_share).toBeCloseTo(1 - memory / without, 5);
    expect(rest.own_model_calls).toBeGreaterThan(0);
    // The replay has a folder of its own.
    expect(readdirSync(command.folder)).toEqual([]);
  });

  it('says in its help what the month is made of, and refuses what is not a month', async () => {
    const help = await command.run(['simulate', 'savings', '--help']);
    expect(help).toMatchObject({ code: 0 });
    expect(help.stdout).toMatch(/tts_audio .* 500 characters/);
    expect(help.stdout).toMatch(/Zipf's law with the exponent 1\.37[^]*openai\/gpt-4o/);
    expect(await command.run(['simulate', 'savings', '--requests', '0'])).toMatchObject({ code: 2, stdout: '' });
    expect(await command.run(['simulate', 'savings', '--distinct-share', '2'])).toMatchObject({ code: 2, stdout: '' });
  });
});
