/**
 * What the scripts of package.json start: program and first arguments, relative to the project. The caller's arguments follow.
 * @type {Record<string, readonly string[]>}
 */
export const COMMANDS = {
  start: ['apps/cli/src/main.ts', 'up'],
  test: ['scripts/run-tests.ts'],
  'test:long': ['scripts/run-tests.ts', '--long'],
  check: ['scripts/check.ts'],
  format: ['node_modules/oxfmt/bin/oxfmt', '--write'],
  bench: ['scripts/bench/main.ts'],
  'crash-lab': ['scripts/crash-lab/main.ts'],
  'ai-core': ['apps/cli/src/main.ts'],
};
