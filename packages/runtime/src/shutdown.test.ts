import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

const SHUTDOWN = new URL('./shutdown.ts', import.meta.url).href;

interface Program {
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ code: number | null; output: string }>;
}

/** A process that stays up until a signal; resolves when it is up. */
async function start(onShutdownOptions: string): Promise<Program> {
  const source = `
    import { onShutdown } from ${JSON.stringify(SHUTDOWN)};
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    onShutdown(${onShutdownOptions});
    setInterval(() => undefined, 60_000);
    console.log('up');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  await once(child.stdout, 'data');
  return {
    kill: (signal) => child.kill(signal),
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, output })),
  };
}

it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s stops everything in order, and the process ends with 0', async (signal) => {
  const program = await start(`{ stop: async (signal) => { await sleep(50); console.log('stopped by ' + signal); } }`);
  program.kill(signal);
  expect(await program.ended).toEqual({ code: 0, output: `up\nstopped by ${signal}\n` });
});

it('a second signal ends the process at once', async () => {
  const program = await start(`{ stop: async () => { await sleep(600); process.kill(process.pid, 'SIGINT'); await sleep(60_000); } }`);
  program.kill('SIGTERM');
  expect(await program.ended).toMatchObject({ code: 130 });
});

it('a signal that arrives twice in a moment, directly and passed on by a parent, counts once', async () => {
  const program = await start(`{ stop: async () => { process.kill(process.pid, 'SIGINT'); await sleep(100); console.log('stopped'); } }`);
  program.kill('SIGTERM');
  expect(await program.ended).toEqual({ code: 0, output: 'up\nstopped\n' });
});

it('a stop that hangs is cut off at its limit', async () => {
  const program = await start(`{ stop: () => sleep(60_000), limitMs: 100 }`);
  program.kill('SIGTERM');
  expect(await program.ended).toMatchObject({ code: 143 });
});

it('a stop that fails is told and ends with 1', async () => {
  const program = await start(`{ stop: async () => { throw new Error('no way'); }, onError: (error) => console.log(error.message) }`);
  program.kill('SIGTERM');
  expect(await program.ended).toEqual({ code: 1, output: 'up\nno way\n' });
});
