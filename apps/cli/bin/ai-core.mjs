#!/usr/bin/env node
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseNode, NODE_WANTED } from './choose-node.mjs';
import { runProgram } from './run-program.mjs';

// The `ai-core` command. Plain JavaScript, so that a machine's own old Node gets as far as finding the right one.

/** A service or program that is needed is not there (sysexits: EX_UNAVAILABLE). */
const EXIT_UNAVAILABLE = 69;

const cli = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const root = path.resolve(cli, '..', '..');
const setup = `run "npm start" or "npm test" in ${root} once, or "node scripts/bootstrap.mjs --setup-only" there`;

/** @returns {Promise<number>} exit code */
async function main() {
  const node = chooseNode(root);
  if (node === undefined) {
    process.stderr.write(`ai-core needs ${NODE_WANTED}; this is ${process.versions.node}, and none has been fetched yet: ${setup}\n`);
    return EXIT_UNAVAILABLE;
  }
  if (!existsSync(path.join(cli, 'node_modules'))) {
    process.stderr.write(`the dependencies of ai-core are not installed yet: ${setup}\n`);
    return EXIT_UNAVAILABLE;
  }
  const { code } = await runProgram(node, [path.join(cli, 'src', 'main.ts'), ...process.argv.slice(2)]);
  return code;
}

process.exitCode = await main();
