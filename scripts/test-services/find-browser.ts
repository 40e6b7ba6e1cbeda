import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FOLDERS = ['/usr/lib/chromium', '/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/homebrew/bin'];
const MAC_PROGRAM = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findInstalled(): string | undefined {
  const folders = [...FOLDERS, ...(process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '')];
  return [...folders.flatMap((folder) => PROGRAMS.map((program) => path.join(folder, program))), MAC_PROGRAM].find(isProgram);
}

/** Installs Chromium from the packages of Debian or Ubuntu when this is root there; whether it worked shows in what is found then. */
function install(): void {
  if (process.getuid?.() !== 0) return;
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) => spawnSync('apt-get', ['-qq', ...args], { stdio: 'ignore', env: environment });
  apt('update');
  apt('install', '-y', '--no-install-recommends', 'chromium');
}

/**
 * The browser for tests: CHROME_PATH, else an installed Chromium or Chrome, else one installed now.
 * @returns path of the program
 * @throws Error naming the one command to run
 */
export function findBrowser(): string {
  const given = process.env['CHROME_PATH'];
  if (given !== undefined && given !== '') return given;
  const installed = findInstalled();
  if (installed !== undefined) return installed;
  install();
  const fresh = findInstalled();
  if (fresh !== undefined) return fresh;
  throw new Error(
    'the tests need Chromium: apt-get install chromium (Debian), brew install --cask google-chrome (macOS), or set CHROME_PATH to a Chrome. ' +
      'To leave those tests out on purpose: AI_CORE_TEST_WITHOUT=browser npm test',
  );
}
