import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeScratchProject, type ScratchProject } from './scratch-project.ts';

let project: ScratchProject;
beforeEach(() => {
  project = makeScratchProject();
});
afterEach(() => project.remove());

/** A process id that no process has: that of one which has just ended. */
async function deadPid(): Promise<number> {
  const run = promisify(execFile)(process.execPath, ['--version']);
  await run;
  return run.child.pid ?? 0;
}

function placeLock(pid: number): string {
  const lock = path.join(project.folder, '.toolchain', 'setup.lock');
  mkdirSync(lock, { recursive: true });
  writeFileSync(path.join(lock, 'owner'), JSON.stringify({ pid, host: hostname() }));
  return lock;
}

/** Waits until a process has written something. */
async function untilWritten(stream: Readable | null, expected: string): Promise<void> {
  if (stream === null) throw new Error('the process was started without this stream');
  let written = '';
  while (!written.includes(expected)) written += String((await once(stream, 'data'))[0]);
}

test('the program gets its arguments, and its exit code is the exit code', async () => {
  const { code, stdout } = await project.run(['start', '--once', '--exit', '42']).ended;
  expect(code).toBe(42);
  expect(JSON.parse(stdout)).toMatchObject({ arguments: ['up', '--once', '--exit', '42'] });
});

test('only the program writes to stdout; what the setup says goes to stderr', async () => {
  const { stdout, stderr } = await project.run(['ai-core', '--exit', '0']).ended;
  expect(stdout.trim().split('\n')).toHaveLength(1);
  expect(stderr).toContain('[setup] installing dependencies');
  expect(stderr).toContain('pnpm says hello');
});

test('a second run installs nothing', async () => {
  expect((await project.run(['--setup-only']).ended).code).toBe(0);
  const second = await project.run(['--setup-only']).ended;
  expect(second).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(project.installs()).toBe(1);
});

test('a changed lockfile is installed again', async () => {
  await project.run(['--setup-only']).ended;
  writeFileSync(path.join(project.folder, 'pnpm-lock.yaml'), 'lockfileVersion: 9.0\npackages: {}\n');
  await project.run(['--setup-only']).ended;
  expect(project.installs()).toBe(2);
});

test('of two started at once on a fresh clone one installs and the other waits', async () => {
  const runs = await Promise.all([project.run(['ai-core', '--exit', '5']).ended, project.run(['ai-core', '--exit', '6']).ended]);
  expect(runs.map((run) => run.code)).toEqual([5, 6]);
  expect(project.installs()).toBe(1);
  expect(runs.map((run) => run.stderr).join('')).toContain('waiting for another setup');
});

test('a lock whose owner has died is taken over', async () => {
  const lock = placeLock(await deadPid());
  expect((await project.run(['--setup-only']).ended).code).toBe(0);
  expect(project.installs()).toBe(1);
  expect(existsSync(lock)).toBe(false);
});

test('a lock whose owner lives is waited for', async () => {
  const lock = placeLock(process.pid);
  const run = project.run(['--setup-only']);
  await untilWritten(run.child.stderr, 'waiting for another setup');
  expect(project.installs()).toBe(0);
  rmSync(lock, { recursive: true });
  expect((await run.ended).code).toBe(0);
  expect(project.installs()).toBe(1);
});

test('a failed install ends with exit code 1 and is tried again the next time', async () => {
  const failed = await project.run(['start'], { INSTALL_FAILS: '1' }).ended;
  expect(failed.code).toBe(1);
  expect(failed.stdout).toBe('');
  expect(failed.stderr).toContain('could not install the dependencies');
  expect((await project.run(['--setup-only']).ended).code).toBe(0);
  expect(project.installs()).toBe(2);
});

test('a command that does not exist ends with exit code 2 and names those that do', async () => {
  const { code, stderr } = await project.run(['strat']).ended;
  expect(code).toBe(2);
  expect(stderr).toContain('start, test, test:long, check');
});

test('settings of an outer npm do not reach the program, and the fetched tools are on its PATH', async () => {
  const { stdout } = await project.run(['ai-core', '--exit', '0'], { npm_config_prefix: '/elsewhere', npm_lifecycle_event: 'start' }).ended;
  const { npm, path: searchPath } = JSON.parse(stdout) as { npm: string[]; path: string };
  expect(npm).not.toContain('npm_config_prefix');
  expect(npm).not.toContain('npm_lifecycle_event');
  expect(searchPath.split(path.delimiter)).toContain(path.join(project.folder, '.toolchain', 'node_modules', '.bin'));
});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} reaches the program once, and its own exit code is handed through`, async () => {
    const run = project.run(['ai-core']);
    await untilWritten(run.child.stdout, 'arguments');
    run.child.kill(signal);
    const { code, stdout } = await run.ended;
    expect(code).toBe(7);
    expect(stdout.trim().split('\n').at(-1)).toBe(signal);
  });
}

test('the program is told to end when npm has died without a word', async () => {
  const shell = project.spawn(['/bin/sh', '-c', '"$0" scripts/bootstrap.mjs ai-core & wait', process.execPath], {
    npm_lifecycle_event: 'start',
  });
  await untilWritten(shell.child.stdout, 'arguments');
  shell.child.kill('SIGKILL');
  expect((await shell.ended).stdout.trim().split('\n').at(-1)).toBe('SIGTERM');
});

test('a signal during the install ends the setup without starting the program, and leaves no lock', async () => {
  const run = project.run(['start']);
  await untilWritten(run.child.stderr, 'pnpm says hello');
  run.child.kill('SIGTERM');
  const { code, stdout } = await run.ended;
  expect(code).toBe(143);
  expect(stdout).toBe('');
  expect(existsSync(path.join(project.folder, '.toolchain', 'setup.lock'))).toBe(false);
});

test('Node from 24.7 is used as it is; 22, 25 and older are replaced', async () => {
  const versions = ['18.20.4', '20.20.2', '22.23.2', '24.6.9', '24.7.0', '24.21.0', '25.9.0', '26.0.0', '27.1.0'];
  const module = path.join(project.folder, 'apps/cli/bin/choose-node.mjs');
  const program = `import { isNodeFine } from ${JSON.stringify(module)}; console.log(JSON.stringify(${JSON.stringify(versions)}.filter(isNodeFine)))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  expect(JSON.parse(stdout)).toEqual(['24.7.0', '24.21.0', '26.0.0', '27.1.0']);
});

test('ai-core hands arguments in and the exit code out', async () => {
  mkdirSync(path.join(project.folder, 'apps/cli/node_modules'));
  const { code, stdout } = await project.spawn([process.execPath, 'apps/cli/bin/ai-core.mjs', 'usage', '--exit', '2']).ended;
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({ arguments: ['usage', '--exit', '2'] });
});

test('ai-core before the first setup says what to run and ends with exit code 69', async () => {
  const { code, stdout, stderr } = await project.spawn([process.execPath, 'apps/cli/bin/ai-core.mjs', 'usage']).ended;
  expect(code).toBe(69);
  expect(stdout).toBe('');
  expect(stderr).toContain('npm start');
});
