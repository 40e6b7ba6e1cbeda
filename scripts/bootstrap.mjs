import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseNode } from '../apps/cli/bin/choose-node.mjs';
import { runProgram } from '../apps/cli/bin/run-program.mjs';
import { cleanEnvironment } from './bootstrap/clean-environment.mjs';
import { COMMANDS } from './bootstrap/commands.mjs';
import { fetchToolchain, hasToolchain } from './bootstrap/fetch-toolchain.mjs';
import { hasDependencies, installDependencies } from './bootstrap/install-dependencies.mjs';
import { say, SetupError } from './bootstrap/setup-error.mjs';
import { whileLocked } from './bootstrap/setup-lock.mjs';

/**
 * The way into this project from a fresh clone, with nothing but git and Node 18 or newer with npm: fetches the right Node and pnpm into
 * .toolchain, installs the dependencies, then runs the asked program with that Node. Plain JavaScript without dependencies.
 *
 *   node scripts/bootstrap.mjs COMMAND [ARGUMENT...]     node scripts/bootstrap.mjs --setup-only
 */

const EXIT_USAGE = 2;
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const tools = path.join(root, '.toolchain');

/** The Node that runs everything else, once the toolchain is there, and the PATH on which programs find it and pnpm. */
function toolchain() {
  const node = chooseNode(root);
  if (node === undefined) throw new SetupError(`the fetched Node has gone: remove ${tools} and run this again`);
  const searchPath = [path.dirname(node), path.join(tools, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(path.delimiter);
  return { node, searchPath };
}

/** Puts everything in place that is needed: a few milliseconds when it is there already. */
async function setUp() {
  if (hasToolchain(tools) && hasDependencies(root)) return;
  await whileLocked(path.join(tools, 'setup.lock'), async () => {
    await fetchToolchain(tools);
    await installDependencies({ root, tools, ...toolchain() });
  });
}

/**
 * @param {readonly string[]} args
 * @returns {Promise<number>} exit code
 */
async function main([command = 'start', ...rest]) {
  const program = COMMANDS[command];
  if (program === undefined && command !== '--setup-only') {
    say(`there is no command "${command}"; there are: ${Object.keys(COMMANDS).join(', ')}; --setup-only ends after the setup`);
    return EXIT_USAGE;
  }
  await setUp();
  if (program === undefined) return 0;
  const { node, searchPath } = toolchain();
  const { code } = await runProgram(node, [...program, ...rest], { cwd: root, env: cleanEnvironment({ PATH: searchPath }) });
  return code;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
