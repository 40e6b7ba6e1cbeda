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

function searchPath(node) {
  return [path.dirname(node), path.join(tools, 'node_modules', '.bin'), process.env['PATH']].join(path.delimiter);
}

/** Everything that is needed, in place: a few milliseconds when it is there already. */
async function setUp() {
  if (hasToolchain(tools) && hasDependencies(root)) return;
  await whileLocked(path.join(tools, 'setup.lock'), async () => {
    await fetchToolchain(tools);
    const node = chooseNode(root);
    await installDependencies({ root, tools, node, searchPath: searchPath(node) });
  });
}

async function main([command = 'start', ...rest]) {
  const known = Object.keys(COMMANDS);
  if (command !== '--setup-only' && !known.includes(command)) {
    say(`there is no command "${command}"; there are: ${known.join(', ')}; --setup-only ends after the setup`);
    return EXIT_USAGE;
  }
  await setUp();
  if (command === '--setup-only') return 0;
  const node = chooseNode(root);
  const { code } = await runProgram(node, [...COMMANDS[command], ...rest], {
    cwd: root,
    env: cleanEnvironment({ PATH: searchPath(node) }),
  });
  return code;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = error.exitCode;
}
