import { describe, expect, it } from 'vitest';
import { runChecks, type Check } from './run-checks.ts';

const script = (name: string, source: string): Check => ({ name, about: 'a test', command: ['-e', source] });
const ignore = (): void => undefined;

describe('running checks', () => {
  it('passes what ends with 0 and fails everything else, with what it printed', async () => {
    const checks = [
      script('fine', 'console.log("all well")'),
      script('broken', 'console.error("line 3"); process.exitCode = 2'),
      script('killed', 'process.kill(process.pid, "SIGKILL")'),
    ];
    const results = await runChecks(checks, { atOnce: 2, onResult: ignore });
    expect(results.map(({ name, passed, output }) => ({ name, passed, output }))).toEqual([
      { name: 'fine', passed: true, output: 'all well\n' },
      { name: 'broken', passed: false, output: 'line 3\n' },
      { name: 'killed', passed: false, output: '' },
    ]);
  });

  it('runs every check even when an early one fails, and tells each result as it comes', async () => {
    const told: string[] = [];
    const checks = [script('slow failure', 'setTimeout(() => process.exit(1), 300)'), script('quick', ''), script('last', '')];
    await runChecks(checks, { atOnce: 2, onResult: ({ name }) => told.push(name) });
    expect(told.toSorted()).toEqual(['last', 'quick', 'slow failure']);
    expect(told[0]).toBe('quick');
  });
});
