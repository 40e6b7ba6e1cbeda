import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { installEnvironment } from './clean-environment.mjs';
import { PNPM_VERSION } from './fetch-toolchain.mjs';
import { runStep } from './run-step.mjs';
import { errorCode, say } from './setup-error.mjs';

/** What an install depends on; the dependencies of every package.json are in the lockfile, their spelling in the workspace file. */
const INPUTS = ['pnpm-lock.yaml', 'pnpm-workspace.yaml'];

/** @param {string} root */
function stampFile(root) {
  return path.join(root, 'node_modules', '.setup-stamp');
}

/** @param {string} root */
function currentStamp(root) {
  const hash = createHash('sha256').update(`${PNPM_VERSION} ${process.platform} ${process.arch}\n`);
  for (const name of INPUTS) hash.update(readFileSync(path.join(root, name)));
  return hash.digest('hex');
}

/**
 * Whether the installed dependencies are those of the lockfile.
 * @param {string} root folder of the project
 */
export function hasDependencies(root) {
  try {
    return readFileSync(stampFile(root), 'utf8') === currentStamp(root);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Installs exactly what the lockfile says.
 * @param {object} options
 * @param {string} options.root folder of the project
 * @param {string} options.tools the toolchain folder
 * @param {string} options.node the Node to run pnpm with
 * @param {string} options.searchPath PATH of the install
 */
export async function installDependencies({ root, tools, node, searchPath }) {
  if (hasDependencies(root)) return;
  say('installing dependencies (pnpm install --frozen-lockfile)');
  // Not the `pnpm` program itself: where install scripts are blocked, its place holds a file that macOS cannot start.
  const pnpm = path.join(tools, 'node_modules', 'pnpm', 'bin', 'pnpm.mjs');
  await runStep(node, [pnpm, 'install', '--frozen-lockfile', '--reporter=append-only'], {
    cwd: root,
    // CI: pnpm must not ask before it replaces a folder that another version made.
    env: installEnvironment(tools, { CI: '1', PATH: searchPath }),
    missing: `${node} was not found: remove ${tools} and run this again`,
    failed: 'could not install the dependencies: the lines above say why',
  });
  writeFileSync(stampFile(root), currentStamp(root));
}
