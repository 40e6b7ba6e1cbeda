import { readFileSync } from 'node:fs';
import { AiCoreError } from '@ai-core/core';
import { getContext, listContexts, putContext, type ContextVersion } from '@ai-core/store';
import { formatTable } from '../output.ts';
import type { Verb } from '../verb.ts';

const FROM_STDIN = '-';

/** @throws REQUEST_INVALID when the file cannot be read */
function readText(file: string): string {
  try {
    return readFileSync(file === FROM_STDIN ? process.stdin.fd : file, 'utf8');
  } catch (cause) {
    throw new AiCoreError('REQUEST_INVALID', `${file === FROM_STDIN ? 'standard input' : file} cannot be read`, { cause });
  }
}

function toWire({ name, version, sha256, bytes, createdBy, createdAt }: ContextVersion): object {
  return { name, version, sha256, bytes, created_by: createdBy, created_at: createdAt };
}

export const contexts: Verb = {
  declare: (program, run) => {
    const command = program.command('contexts').description('named texts that prompts refer to as {{context:NAME}}');
    command
      .command('put')
      .description('stores a text; a new version unless it is the same')
      .argument('<name>', 'letters, digits, "_", "-" and "."')
      .argument('<file>', 'file with the text; - reads standard input')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ args, output, connect }) => {
          const text = readText(args[1] ?? '');
          const { database } = await connect();
          const { created, ...version } = await putContext(database, { name: args[0] ?? '', text, createdBy: 'cli' });
          output.result({ ...toWire(version), created }, [
            `${version.name} version ${version.version} (${version.bytes} bytes)${created ? '' : ', as it was'}`,
          ]);
        }),
      );
    command
      .command('get')
      .description('prints the text of a context')
      .argument('<name>', 'name of the context')
      .option('--at-version <n>', 'an older version')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ args, options, output, connect }) => {
          const wanted = options['atVersion'] === undefined ? null : Number(options['atVersion']);
          if (wanted !== null && (!Number.isSafeInteger(wanted) || wanted < 1 || wanted > 2_147_483_647))
            throw new AiCoreError('REQUEST_INVALID', '--at-version takes a whole number from 1');
          const { database } = await connect();
          const found = await getContext(database, args[0] ?? '', wanted);
          if (found === null)
            throw new AiCoreError('NOT_FOUND', `there is no context ${args[0]}${wanted === null ? '' : ` of version ${wanted}`}`);
          output.result({ ...toWire(found), text: found.text }, [found.text]);
        }),
      );
    command
      .command('list')
      .description('the current version of every context')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ output, connect }) => {
          const { database } = await connect();
          const found = await listContexts(database);
          const rows = found.map((entry) => [
            entry.name,
            String(entry.version),
            String(entry.bytes),
            entry.createdBy,
            entry.createdAt.toISOString(),
          ]);
          output.result(
            found.map(toWire),
            found.length === 0 ? ['no contexts'] : formatTable(['name', 'version', 'bytes', 'by', 'created'], rows),
          );
        }),
      );
    return command;
  },
};
