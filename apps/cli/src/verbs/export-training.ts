import { AiCoreError, isTrainingFormat, TRAINING_FORMAT_NAMES, type TrainingFormat } from '@ai-core/core';
import { collectTrainingData, countTrainingData, storeTraining, writeTrainingFiles, type TrainingExportOptions } from '@ai-core/store';
import { EXIT } from '../exit-codes.ts';
import { openCliObjects } from '../open-objects.ts';
import type { Verb } from '../verb.ts';

function parseNumber(value: unknown, option: string, most: number): number {
  const number = Number(value);
  if (Number.isFinite(number) && number >= 0 && number <= most) return number;
  throw new AiCoreError('REQUEST_INVALID', `${option} takes a number from 0 to ${most}`);
}

function parseFormat(value: unknown): TrainingFormat {
  if (typeof value === 'string' && isTrainingFormat(value)) return value;
  throw new AiCoreError('REQUEST_INVALID', `--format takes ${TRAINING_FORMAT_NAMES.join(', ')}`);
}

function parseExport(options: Readonly<Record<string, unknown>>): TrainingExportOptions {
  return {
    format: parseFormat(options['format']),
    minRating: parseNumber(options['minRating'], '--min-rating', 5),
    validationShare: parseNumber(options['validationShare'], '--validation-share', 1),
    verifiedOnly: options['alsoUnverified'] !== true,
    simulated: options['simulated'] === true,
    requestTypes: typeof options['requestType'] === 'string' ? options['requestType'].split(',').map((type) => type.trim()) : undefined,
  };
}

export const exportTraining: Verb = {
  declare: (program, run) =>
    program
      .command('export-training')
      .description('write curated examples as training data: JSON lines for training and validation, and a manifest')
      .requiredOption('--out <file>', 'where the training examples go; FILE.validation.jsonl and FILE.manifest.json stand beside it')
      .option('--format <name>', TRAINING_FORMAT_NAMES.join(', '), 'prompt-completion')
      .option('--min-rating <n>', 'least average rating of an answer that users have rated, 0 to 5', '4')
      .option('--verified-only', 'only answers a person has verified (this is what is done anyway)')
      .option('--also-unverified', 'also answers that are used often and rated high, though nobody has verified them')
      .option('--validation-share <n>', 'share of the prompts kept for validation, 0 to 1', '0.1')
      .option('--request-type <types>', 'only these request types, separated by commas')
      .option('--simulated', 'examples made with emulated providers, and only those')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ options, output, environment, dataFolder, connect }) => {
          if (options['verifiedOnly'] === true && options['alsoUnverified'] === true)
            throw new AiCoreError('REQUEST_INVALID', 'say --verified-only or --also-unverified, not both');
          const exported = parseExport(options);
          const { database } = await connect();
          await collectTrainingData(database);
          const written = await writeTrainingFiles(database, {
            ...exported,
            path: String(options['out']),
            onProgress: (lines) => output.note(`${lines} lines`),
          });
          const { manifest, files } = written;
          const objects = openCliObjects(environment, dataFolder);
          const stored = objects === undefined ? null : await storeTraining(objects, written);
          objects?.close();
          const other = await countTrainingData(database, exported.simulated !== true);
          output.result(
            {
              ...manifest,
              out: files.train.path,
              validation_out: files.validation.path,
              manifest_out: written.manifestPath,
              manifest_sha256: written.manifestSha256,
              stored,
            },
            [
              `${manifest.examples.train} examples for training (${manifest.lines.train} lines)   ${files.train.path}`,
              `${manifest.examples.validation} for validation   ${files.validation.path}`,
              `left out: ${Object.entries(manifest.left_out)
                .map(([reason, count]) => `${count} ${reason.replaceAll('_', ' ')}`)
                .join(', ')}`,
              `manifest ${written.manifestSha256}   ${written.manifestPath}`,
            ],
          );
          if (manifest.examples.train + manifest.examples.validation > 0) return EXIT.ok;
          output.note(
            other.verified > 0
              ? `nothing to export; ${other.verified} verified examples are ${exported.simulated === true ? 'real: leave --simulated out' : 'simulated: say --simulated to get them'}`
              : 'nothing to export: verify answers first (`ai-core memory verify`)',
          );
          return EXIT.failed;
        }),
      ),
};
