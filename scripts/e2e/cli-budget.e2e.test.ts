import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAiCoreCommand } from './ai-core-command.ts';

describe('budget', () => {
  const command = makeAiCoreCommand();
  beforeAll(async () => {
    await command.start(['up', '--no-first-job', '--port', '0', '--console-port', '0']).hasSaid('AI Core is up');
  });
  afterAll(() => command.remove());

  it('set limits what is spent from then on, shows what was spent before, and is listed', async () => {
    const generate = (prompt: string) => command.runJson(['generate', 'text', '--type', 'quiz', '--prompt', prompt, '--user', '42']);
    expect((await generate('Ask me about cells')).code).toBe(0);
    const { document, code } = await command.runJson([
      'budget',
      'set',
      '42',
      '--scope',
      'user',
      '--period',
      'day',
      '--limit',
      '0.000000001',
    ]);
    expect(code).toBe(0);
    expect(document).toMatchObject({ budget: { scope: 'user', subject: '42', limit_usd: '0.000000001', held_usd: '0', simulated: true } });
    expect(Number((document as { budget: { spent_usd: string } }).budget.spent_usd)).toBeGreaterThan(0);

    expect((await generate('Ask me about cells')).document).toMatchObject({ cached: true });
    const refused = await generate('Ask me about tides');
    expect(refused).toMatchObject({ code: 1, document: { error: { code: 'BUDGET_EXCEEDED' } } });
    expect(refused.stderr + JSON.stringify(refused.document)).toContain('the daily budget of the user is used up until');

    expect((await command.run(['budget', 'list'])).stdout).toMatch(/user\s+42\s+day\s+\$0\.000000001/);
    expect((await command.runJson(['budget', 'set', '42', '--scope', 'user', '--period', 'day', '--limit', 'none'])).document).toEqual({
      budget: null,
    });
    expect((await generate('Ask me about tides')).code).toBe(0);
    expect((await command.runJson(['budget', 'list'])).document).toEqual({ budgets: [] });
  });

  it('comes with a new key that is made with one', async () => {
    expect(await command.runJson(['keys', 'create', 'django', '--budget', '25'])).toMatchObject({
      code: 0,
      document: { name: 'django', monthly_budget_usd: '25' },
    });
    expect((await command.runJson(['budget', 'list'])).document).toMatchObject({
      budgets: [{ scope: 'caller', subject: 'django', period: 'month', limit_usd: '25', on_exceed: 'refuse' }],
    });
    expect((await command.run(['keys', 'create', 'flask', '--budget', 'lots'])).code).toBe(2);
  });

  it('refuses what it does not know with 2', async () => {
    for (const args of [
      ['--limit', 'much'],
      ['--limit', '1', '--scope', 'moon'],
      ['x', '--limit', '1'],
      ['--limit', '1', '--alerts', '0'],
      [],
    ]) {
      expect((await command.run(['budget', 'set', ...args])).code).toBe(2);
    }
  });
});
