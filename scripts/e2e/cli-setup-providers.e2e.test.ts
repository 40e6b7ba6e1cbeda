import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAiCoreCommand } from './ai-core-command.ts';

interface Configurations {
  readonly created: number;
  readonly updated: number;
  readonly kept: number;
  readonly configurations: readonly { is_active: boolean; lifecycle: string }[];
}

describe('setup-providers', () => {
  const command = makeAiCoreCommand();
  beforeAll(async () => {
    await command.start(['up', '--no-first-job', '--port', '0', '--console-port', '0']).hasSaid('AI Core is up');
  });
  afterAll(() => command.remove());

  const setUp = async (...args: string[]): Promise<Configurations> =>
    (await command.runJson(['setup-providers', ...args])).document as Configurations;

  it('keeps what is there already', async () => {
    expect(await setUp()).toMatchObject({ catalogue: 'current', created: 0, updated: 0, kept: 11 });
    const { stdout, code } = await command.run(['setup-providers']);
    expect(code).toBe(0);
    expect(stdout).toContain('Created: 0, updated: 0, kept: 11 of 11 configurations');
  });

  it('changes nothing in a dry run, then creates the same and keeps it the next time', async () => {
    const dry = await setUp('--catalogue', 'seed', '--dry-run');
    const real = await setUp('--catalogue', 'seed');
    expect(dry.created).toBeGreaterThan(0);
    expect(real).toEqual(dry);
    expect(await setUp('--catalogue', 'seed')).toMatchObject({ created: 0, updated: 0, kept: 11 });
  });

  it('leaves retired models of the seed catalogue inactive', async () => {
    const { configurations } = await setUp('--catalogue', 'seed');
    const retired = configurations.filter((entry) => entry.lifecycle === 'retired');
    expect(retired.length).toBeGreaterThan(0);
    expect(retired.filter((entry) => entry.is_active)).toEqual([]);
    expect(configurations.some((entry) => entry.is_active)).toBe(true);
  });

  it('refuses a catalogue that does not exist with 2', async () => {
    const end = await command.run(['setup-providers', '--catalogue', 'old']);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain('there is no catalogue "old"; there are current, seed');
  });
});
