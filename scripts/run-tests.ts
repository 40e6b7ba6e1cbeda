import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * npm test: the suite without the long tests. With --long: only those. Further arguments go to vitest, for example a file name.
 */
const asked = process.argv.slice(2);
const long = asked.includes('--long');
const rest = asked.filter((argument) => argument !== '--long');
const projects = (long ? ['long'] : ['unit', 'integration', 'e2e']).flatMap((name) => ['--project', name]);
const vitest = path.join(path.dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');

const { status } = spawnSync(process.execPath, [vitest, 'run', ...projects, ...rest], { stdio: 'inherit' });
process.exit(status ?? 1);
