import { describe, expect, it } from 'vitest';
import { isAlive } from './process-alive.ts';
import { startTethered, type TetheredOptions, type TetheredProcess } from './tethered-process.ts';

const GONE_WITHIN = { timeout: 10_000, interval: 10 };

/** Starts a shell script that tells its process id once its traps are set: a signal sent earlier would meet a shell without them. */
async function startScript(script: string, options: Partial<TetheredOptions> = {}): Promise<{ tethered: TetheredProcess; pid: number }> {
  const told = Promise.withResolvers<number>();
  let output = '';
  const tethered = startTethered({
    command: '/bin/sh',
    args: ['-c', script],
    stopSignal: 'TERM',
    onOutput(text) {
      output += text;
      if (output.includes('\n')) told.resolve(Number(output.split('\n')[0]));
    },
    ...options,
  });
  return { tethered, pid: await told.promise };
}

describe('a tethered process', () => {
  it('is told to stop by its signal, and is waited for', async () => {
    const { tethered, pid } = await startScript(`trap 'exit 7' TERM; echo $$; while :; do sleep 0.02; done`);
    await tethered.stop();
    expect(isAlive(pid)).toBe(false);
    expect(await tethered.ended).toBe(7);
    await tethered.stop();
  });

  it('is killed when it does not stop in time', async () => {
    const { tethered, pid } = await startScript(`trap '' TERM; echo $$; while :; do sleep 0.02; done`, { stopWithinMs: 100 });
    await tethered.stop();
    await expect.poll(() => isAlive(pid), GONE_WITHIN).toBe(false);
  });

  it('passes on how it ended', async () => {
    const { tethered } = await startScript('echo $$; exit 3');
    expect(await tethered.ended).toBe(3);
    expect(tethered.hasEnded()).toBe(true);
  });

  it('passes each argument on as it is', async () => {
    let output = '';
    const args = ['%s|', 'two words', '$HOME', `quote's`, '*'];
    const tethered = startTethered({ command: '/usr/bin/printf', args, stopSignal: 'TERM', onOutput: (text) => void (output += text) });
    await tethered.ended;
    await expect.poll(() => output, GONE_WITHIN).toBe(`two words|$HOME|quote's|*|`);
  });

  it('ends with 127 when there is no such program', async () => {
    const tethered = startTethered({ command: '/nowhere/program', args: [], stopSignal: 'TERM', onOutput: () => undefined });
    expect(await tethered.ended).toBe(127);
  });
});
