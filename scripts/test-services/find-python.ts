import { spawnSync } from 'node:child_process';

const PROGRAM = 'python3';
/** The oldest that the Python client promises. */
const LEAST = 'import sys; sys.exit(0 if sys.version_info >= (3, 9) else 1)';

const isThere = (): boolean => spawnSync(PROGRAM, ['-c', LEAST], { stdio: 'ignore' }).status === 0;

/** Installs Python from the packages of Debian or Ubuntu when this is root there; whether it worked shows in what is found then. */
function install(): void {
  if (process.getuid?.() !== 0) return;
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) => spawnSync('apt-get', ['-qq', ...args], { stdio: 'ignore', env: environment });
  apt('update');
  apt('install', '-y', '--no-install-recommends', PROGRAM);
}

/**
 * Python for the tests of the Python client: the one on PATH, else one installed now.
 * @returns name of the program
 * @throws Error naming the one command to run
 */
export function findPython(): string {
  if (!isThere()) install();
  if (isThere()) return PROGRAM;
  throw new Error(
    'the tests need Python 3.9 or newer: apt-get install python3 (Debian), brew install python (macOS). ' +
      'To leave those tests out on purpose: AI_CORE_TEST_WITHOUT=python npm test',
  );
}
