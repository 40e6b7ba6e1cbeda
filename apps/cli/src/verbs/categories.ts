import { AiCoreError, formatMoney, parseMoney, TIERS, type UserCategoryPolicy } from '@ai-core/core';
import { listUserCategories, removeUserCategory, setUserCategory } from '@ai-core/store';
import type { Command } from 'commander';
import { announceChange } from '../announce-change.ts';
import { formatTable } from '../output.ts';
import type { RunVerb, Verb, VerbContext } from '../verb.ts';

const ACTOR = 'ai-core categories';

function toDocument(policy: UserCategoryPolicy): object {
  return {
    user_category: policy.userCategory,
    allowed_tiers: policy.allowedTiers,
    allowed_models: policy.allowedModels,
    daily_limit_usd: policy.dailyLimitNanoUsd === null ? null : formatMoney(policy.dailyLimitNanoUsd),
  };
}

function toPolicy({ args, options }: VerbContext): UserCategoryPolicy {
  const words = (value: unknown): string[] | null => (Array.isArray(value) ? value.map(String) : null);
  const tiers = words(options['tier']);
  const allowedTiers = tiers === null ? null : TIERS.filter((tier) => tiers.includes(tier));
  if (tiers !== null && allowedTiers?.length !== new Set(tiers).size)
    throw new AiCoreError('REQUEST_INVALID', `--tier is one of ${TIERS.join(', ')}`);
  const limit = options['dailyLimit'];
  return {
    userCategory: args[0] ?? '',
    allowedTiers,
    allowedModels: words(options['model']),
    dailyLimitNanoUsd: typeof limit === 'string' ? parseMoney(limit) : null,
  };
}

function declareSet(command: Command, run: RunVerb): void {
  command
    .command('set')
    .description('say what a category of users may use; what is left out is not limited')
    .argument('<category>', 'as requests name it in user_category')
    .option('--tier <tier...>', `tiers it may use: ${TIERS.join(', ')}`)
    .option('--model <model...>', 'models it may use, by name or as provider/model')
    .option('--daily-limit <usd>', 'what the category may spend in one UTC day, in US dollars')
    .option('--json', 'print one JSON document')
    .action(
      run(async (context) => {
        const policy = toPolicy(context);
        const connection = await context.connect();
        await setUserCategory(connection.database, policy, ACTOR);
        await announceChange(connection, 'user-categories').catch(() => undefined);
        context.output.result(toDocument(policy), [`${policy.userCategory} is set`]);
      }),
    );
}

function declareList(command: Command, run: RunVerb): void {
  command
    .command('list')
    .description('every category that has a policy; any other may use everything')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ output, connect }) => {
        const { database } = await connect();
        const policies = await listUserCategories(database);
        output.result(
          { categories: policies.map(toDocument) },
          policies.length === 0
            ? ['no category has a policy: every user may use everything']
            : formatTable(
                ['category', 'tiers', 'models', 'a day'],
                policies.map((policy) => [
                  policy.userCategory,
                  policy.allowedTiers?.join(' ') ?? 'all',
                  policy.allowedModels?.join(' ') ?? 'all',
                  policy.dailyLimitNanoUsd === null ? 'no limit' : `$${formatMoney(policy.dailyLimitNanoUsd)}`,
                ]),
              ),
        );
      }),
    );
}

function declareRemove(command: Command, run: RunVerb): void {
  command
    .command('remove')
    .description('remove the policy of a category, which may then use everything')
    .argument('<category>')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ args, output, connect }) => {
        const name = args[0] ?? '';
        const connection = await connect();
        if (!(await removeUserCategory(connection.database, name, ACTOR)))
          throw new AiCoreError('NOT_FOUND', `the category ${name} has no policy`);
        await announceChange(connection, 'user-categories').catch(() => undefined);
        output.result({ user_category: name, removed: true }, [`${name} has no policy any more`]);
      }),
    );
}

export const categories: Verb = {
  declare(program, run) {
    const command = program.command('categories').description('what categories of users may use');
    declareSet(command, run);
    declareList(command, run);
    declareRemove(command, run);
    return command;
  },
};
