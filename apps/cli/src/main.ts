/** The `ai-core` command. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readEnvironment } from '@ai-core/runtime';
import { runCli } from './run-cli.ts';

const environment = readEnvironment((warning) => process.stderr.write(`${warning}\n`));
const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
const dataFolder = path.resolve(environment.AI_CORE_DATA_DIR ?? path.join(repository, '.data'));

process.exit(await runCli(process.argv.slice(2), { environment, dataFolder }));
