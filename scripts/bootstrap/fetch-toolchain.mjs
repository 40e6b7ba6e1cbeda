import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isNodeFine, NODE_VERSION, NODE_WANTED, nodeIn, nodePackage } from '../../apps/cli/bin/choose-node.mjs';
import { installEnvironment } from './clean-environment.mjs';
import { runStep } from './run-step.mjs';
import { errorCode, say, SetupError } from './setup-error.mjs';

export const PNPM_VERSION = '12.21.0';

/** Written into the folder last, so that one that was interrupted half-way is fetched again. */
const STAMP = '.complete';

/**
 * What must be there: package name to exact version.
 * @returns {Record<string, string>}
 */
function wanted() {
  const packages = { pnpm: PNPM_VERSION };
  if (isNodeFine(process.versions.node)) return packages;
  const name = nodePackage(process);
  if (name === undefined) {
    throw new SetupError(
      `this project needs ${NODE_WANTED}, and the registry has none for ${process.platform}-${process.arch}: install one and run this again with it`,
    );
  }
  return { ...packages, [name]: NODE_VERSION };
}

/**
 * @param {string} modules
 * @returns {Record<string, string>}
 */
function fetched(modules) {
  try {
    return JSON.parse(readFileSync(path.join(modules, STAMP), 'utf8'));
  } catch {
    return {};
  }
}

/**
 * Whether the toolchain of this project is complete.
 * @param {string} tools the toolchain folder
 */
export function hasToolchain(tools) {
  const present = fetched(path.join(tools, 'node_modules'));
  return Object.entries(wanted()).every(([name, version]) => present[name] === version);
}

/** How to call npm: the one that called us, else the one on PATH. */
function npmCommand() {
  const outer = process.env['npm_execpath'] ?? '';
  if (outer.endsWith('npm-cli.js')) return { command: process.execPath, args: [outer], shell: false };
  // Windows starts .cmd files only through its shell.
  return process.platform === 'win32' ? { command: 'npm.cmd', args: [], shell: true } : { command: 'npm', args: [], shell: false };
}

/** @param {string} modules */
function checkNodeRuns(modules) {
  const { stdout, error } = spawnSync(nodeIn(modules) ?? '', ['--version'], { encoding: 'utf8' });
  if (stdout?.trim() === `v${NODE_VERSION}`) return;
  const reason = errorCode(error) ?? 'it does not answer';
  throw new SetupError(
    `the Node for ${nodePackage(process)} does not run on this system (${reason}): install ${NODE_WANTED} and run this again with it`,
  );
}

/** Start of the name of the folders in which a toolchain is put together. */
const WORK = 'work-';

/**
 * Removes what this and earlier fetches left behind. Where a setup was killed, its npm may still be writing there for a while: such a folder
 * is harmless, and goes the next time.
 * @param {string} tools the toolchain folder
 */
function removeLeftovers(tools) {
  for (const name of readdirSync(tools).filter((entry) => entry.startsWith(WORK))) {
    try {
      rmSync(path.join(tools, name), { recursive: true, force: true });
    } catch (error) {
      say(`could not remove ${path.join(tools, name)} (${errorCode(error)}): it is not needed any more`);
    }
  }
}

/**
 * A Node that an older one fetched stays when a newer one runs the setup: the other may come back.
 * @param {string} modules the toolchain's node_modules
 * @returns {Record<string, string>}
 */
function keptNode(modules) {
  const name = nodePackage(process) ?? '';
  return fetched(modules)[name] === NODE_VERSION ? { [name]: NODE_VERSION } : {};
}

/**
 * Fetches Node (where the running one will not do) and pnpm from the npm registry into the toolchain folder; nothing global is touched.
 * The new folder takes the old one's place in one step, complete or not at all.
 * @param {string} tools the toolchain folder
 */
export async function fetchToolchain(tools) {
  if (hasToolchain(tools)) return;
  const current = path.join(tools, 'node_modules');
  const packages = { ...keptNode(current), ...wanted() };
  const names = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  say(`fetching ${names.join(' and ')} from the npm registry (once)`);
  removeLeftovers(tools);
  const work = mkdtempSync(path.join(tools, WORK));
  const incoming = path.join(work, 'incoming');
  mkdirSync(incoming);
  writeFileSync(path.join(incoming, 'package.json'), JSON.stringify({ private: true, dependencies: packages }));

  const { command, args, shell } = npmCommand();
  const install = [
    'install',
    '--no-audit',
    '--no-fund',
    '--no-package-lock',
    '--no-workspaces',
    '--no-update-notifier',
    '--loglevel=error',
  ];
  await runStep(command, [...args, ...install], {
    cwd: incoming,
    shell,
    env: installEnvironment(tools),
    missing: 'npm was not found: it comes with Node; install it and run this again',
    failed: 'could not fetch the toolchain: is the npm registry reachable?',
  });
  const modules = path.join(incoming, 'node_modules');
  if (!isNodeFine(process.versions.node)) checkNodeRuns(modules);
  writeFileSync(path.join(modules, STAMP), JSON.stringify(packages));

  try {
    renameSync(current, path.join(work, 'former'));
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  renameSync(modules, current);
  removeLeftovers(tools);
}
