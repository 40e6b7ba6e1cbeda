import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const RUN_TESTS = path.join(import.meta.dirname, 'run-tests.ts');
const CONFIG = `export default { test: { globals: true, projects: [
  { extends: true, test: { name: 'unit', include: ['*.test.mjs'], exclude: ['*.long.test.mjs'] } },
  { extends: true, test: { name: 'long', include: ['*.long.test.mjs'] } },
] } };`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ai-core-run-tests-'));
  writeFileSync(path.join(folder, 'vitest.config.mjs'), CONFIG);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the tests of a project with these files. */
async function run(files: Record<string, string>, { args = [], without = '' }: { args?: string[]; without?: string } = {}) {
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  const child = spawn(process.execPath, [RUN_TESTS, '--root', folder, ...args], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, AI_CORE_TEST_WITHOUT: without, VITEST: undefined },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, lines: output.trimEnd().split('\n') };
}

it('ends with the totals, and with 0 when every test passed', async () => {
  const { code, lines } = await run({ 'a.test.mjs': `test('a', () => {}); test('b', () => {}); test.skip('c', () => {});` });
  expect({ code, last: lines.at(-1) }).toEqual({ code: 0, last: '2 passed, 0 failed, 1 skipped' });
});

it('counts a failed test and a file that cannot be loaded, and ends with 1', async () => {
  const files = {
    'a.test.mjs': `test('a', () => {}); test('b', () => { throw new Error('b'); });`,
    'b.test.mjs': `import './nowhere.mjs'; test('c', () => {});`,
  };
  const { code, lines } = await run(files);
  expect({ code, last: lines.at(-1) }).toEqual({ code: 1, last: '1 passed, 2 failed, 0 skipped' });
});

it('fails when no test ran, be it that none was found or that all were skipped', async () => {
  const none = await run({});
  expect({ code: none.code, last: none.lines.slice(-2) }).toEqual({
    code: 1,
    last: ['no test ran: that counts as a failure', '0 passed, 0 failed, 0 skipped'],
  });
  const skipped = await run({ 'a.test.mjs': `test.skip('a', () => {});` });
  expect({ code: skipped.code, last: skipped.lines.at(-1) }).toEqual({ code: 1, last: '0 passed, 0 failed, 1 skipped' });
});

it('fails and says so when the services of the tests do not start', async () => {
  const files = {
    'vitest.config.mjs': `export default { test: { globals: true, projects: [{ extends: true, test: { name: 'unit', globalSetup: ['./setup.mjs'] } }] } };`,
    'setup.mjs': `export default () => { throw new Error('no Redis'); };`,
    'a.test.mjs': `test('a', () => {});`,
  };
  const { code, lines } = await run(files);
  expect({ code, last: lines.at(-1) }).toEqual({ code: 1, last: '0 passed, 1 failed, 0 skipped' });
});

it('names in its last lines what was left out on purpose', async () => {
  const { lines } = await run({ 'a.test.mjs': `test('a', () => {});` }, { without: 'redis,browser' });
  expect(lines.slice(-2)).toEqual(['left out on purpose: redis, browser (AI_CORE_TEST_WITHOUT)', '1 passed, 0 failed, 0 skipped']);
});

it('runs the long tests when they are asked for, and only then', async () => {
  const files = { 'a.test.mjs': `test('a', () => {});`, 'b.long.test.mjs': `test('b', () => {}); test('c', () => {});` };
  expect((await run(files)).lines.at(-1)).toBe('1 passed, 0 failed, 0 skipped');
  expect((await run(files, { args: ['--long'] })).lines.at(-1)).toBe('2 passed, 0 failed, 0 skipped');
});

it('refuses to leave out what it does not know, before anything runs', async () => {
  expect(await run({ 'a.test.mjs': `test('a', () => {});` }, { without: 'redi' })).toEqual({ code: 2, lines: [''] });
});
