import { availableParallelism } from 'node:os';
import { runChecks, type Check, type CheckResult } from './run-checks.ts';

/** npm run check: everything that can be said about the sources without running the program. Exits with 1 when anything is wrong. */

const CHECKS: readonly Check[] = [
  // The slowest first, so that the quick ones run beside it.
  {
    name: 'lint',
    about: 'oxlint with types: .oxlintrc.json',
    command: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--format=unix'],
  },
  { name: 'types', about: 'tsc over all packages, apps and scripts', command: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'] },
  {
    name: 'web types',
    about: "tsc over the console's pages, which run in browsers",
    command: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'apps/console/web'],
  },
  {
    name: 'boundaries',
    about: 'who may import whom: .dependency-cruiser.mjs',
    command: ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', '--reporter=dot', 'scripts/architecture.test.ts'],
  },
  { name: 'dead code', about: 'unused files, exports and dependencies: knip.jsonc', command: ['node_modules/knip/bin/knip.js'] },
  { name: 'format', about: 'oxfmt: .oxfmtrc.json; mend with npm run format', command: ['node_modules/oxfmt/bin/oxfmt', '--check'] },
];

const width = Math.max(...CHECKS.map(({ name }) => name.length));

function report({ name, passed, tookMs, output }: CheckResult): void {
  const about = CHECKS.find((check) => check.name === name)?.about ?? '';
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name.padEnd(width)} ${(tookMs / 1_000).toFixed(1).padStart(5)} s  ${about}`);
  if (!passed) console.log(output.trimEnd().replaceAll(/^/gm, '  '));
}

const results = await runChecks(CHECKS, { atOnce: Math.min(availableParallelism(), 3), onResult: report });
const failures = results.filter(({ passed }) => !passed).map(({ name }) => name);
console.log(
  failures.length === 0
    ? `all ${results.length} checks passed`
    : `${failures.length} of ${results.length} checks failed: ${failures.join(', ')}`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
