import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const FIXTURES = path.join(import.meta.dirname, 'fixtures');
/** The setup files as they are, and what is copied where. */
const FILES = [
  ['scripts/bootstrap.mjs', 'scripts/bootstrap.mjs'],
  ['scripts/bootstrap', 'scripts/bootstrap'],
  ['apps/cli/bin', 'apps/cli/bin'],
] as const;

interface Run {
  readonly child: ChildProcess;
  /** Resolves when the process has ended. */
  readonly ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

export interface ScratchProject {
  readonly folder: string;
  /** Starts the bootstrap with arguments. */
  run(args: readonly string[], environment?: Record<string, string>): Run;
  /** Starts any program in the project. */
  spawn(command: readonly [string, ...string[]], environment?: Record<string, string>): Run;
  /** How often pnpm was called so far. */
  installs(): number;
  remove(): void;
}

function start(cwd: string, [program, ...args]: readonly [string, ...string[]], environment: Record<string, string> = {}): Run {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...environment } });
  const ended = (async () => {
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve));
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
    return { code, stdout, stderr };
  })();
  return { child, ended };
}

/** A folder with this project's own setup files around a program and a pnpm that only report how they were called. */
export function makeScratchProject(): ScratchProject {
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-bootstrap-'));
  for (const [from, to] of FILES) cpSync(path.join(ROOT, from), path.join(folder, to), { recursive: true });
  const place = (file: string, content: string): void => {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), content);
  };
  const pnpmVersion =
    /PNPM_VERSION = '([^']+)'/.exec(readFileSync(path.join(ROOT, 'scripts/bootstrap/fetch-toolchain.mjs'), 'utf8'))?.[1] ?? '';
  place('.toolchain/node_modules/.complete', JSON.stringify({ pnpm: pnpmVersion }));
  place('.toolchain/node_modules/pnpm/bin/pnpm.mjs', readFileSync(path.join(FIXTURES, 'pnpm.mjs'), 'utf8'));
  place('apps/cli/src/main.ts', readFileSync(path.join(FIXTURES, 'program.mjs'), 'utf8'));
  place('package.json', '{ "type": "module" }');
  place('pnpm-lock.yaml', 'lockfileVersion: 9.0\n');
  place('pnpm-workspace.yaml', 'packages: []\n');

  return {
    folder,
    run: (args, environment) => start(folder, [process.execPath, 'scripts/bootstrap.mjs', ...args], environment),
    spawn: (command, environment) => start(folder, command, environment),
    installs() {
      const log = path.join(folder, 'calls.log');
      return existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
