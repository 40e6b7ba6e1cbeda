import { AiCoreError, CATALOGUE_SETS, type CatalogueSet } from '@ai-core/core';
import { setUpProviders } from '@ai-core/store';
import type { Verb } from '../verb.ts';

const MARKS = { created: '✓ Created', updated: '✓ Updated', kept: '· Kept' } as const;

export const setupProviders: Verb = {
  declare: (program, run) =>
    program
      .command('setup-providers')
      .description('create or update the provider configurations of a catalogue; admin edits are kept')
      .option('--catalogue <name>', `which set: ${CATALOGUE_SETS.join(', ')}`, 'current')
      .option('--dry-run', 'say what would happen and change nothing')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ options, output, connect }) => {
          const catalogue = options['catalogue'] as CatalogueSet;
          if (!CATALOGUE_SETS.includes(catalogue)) {
            throw new AiCoreError(
              'REQUEST_INVALID',
              `there is no catalogue "${String(catalogue)}"; there are ${CATALOGUE_SETS.join(', ')}`,
            );
          }
          const { databaseUrl } = await connect();
          const dryRun = options['dryRun'] === true;
          const configurations = await setUpProviders({ databaseUrl, catalogue, dryRun });
          const count = (outcome: keyof typeof MARKS): number => configurations.filter((entry) => entry.outcome === outcome).length;
          output.result(
            {
              catalogue,
              created: count('created'),
              updated: count('updated'),
              kept: count('kept'),
              configurations: configurations.map((entry) => ({
                provider: entry.provider,
                model: entry.model,
                kind: entry.kind,
                tier: entry.tier,
                is_active: entry.isActive,
                is_default: entry.isDefault,
                lifecycle: entry.lifecycle,
              })),
            },
            [
              `Setting up AI provider configurations (${catalogue})${dryRun ? ', dry run' : ''}...`,
              ...configurations.map(
                (entry) =>
                  `  ${MARKS[entry.outcome]}: ${entry.provider}/${entry.model} (${entry.tier})${entry.isActive ? '' : ` inactive, ${entry.lifecycle}`}`,
              ),
              '',
              `  Created: ${count('created')}, updated: ${count('updated')}, kept: ${count('kept')} of ${configurations.length} configurations`,
            ],
          );
        }),
      ),
};
