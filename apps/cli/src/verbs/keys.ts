import { AiCoreError, formatMoney, parseMoney, parseSealKey, webhookSecret } from '@ai-core/core';
import { API_KEY_ROLES, createApiKey, listApiKeys, revokeApiKey, setBudget, type ApiKey } from '@ai-core/store';
import type { Command } from 'commander';
import { announceChange } from '../announce-change.ts';
import { formatTable } from '../output.ts';
import type { RunVerb, Verb } from '../verb.ts';

const ACTOR = 'ai-core keys';

function toDocument(key: ApiKey): object {
  return {
    name: key.name,
    role: key.role,
    scopes: key.scopes,
    requests_per_minute: key.requestsPerMinute,
    ends_with: key.hint,
    created_at: key.createdAt,
    last_used_at: key.lastUsedAt,
    revoked_at: key.revokedAt,
  };
}

function parseLimit(text: unknown): number | null {
  if (text === undefined) return null;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000_000)
    throw new AiCoreError('REQUEST_INVALID', '--requests-per-minute takes a whole number from 1 on');
  return limit;
}

/** US dollars a month; undefined = no budget. */
function parseBudget(text: unknown): bigint | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== 'string' || !/^\d{1,9}(\.\d{1,9})?$/.test(text))
    throw new AiCoreError('REQUEST_INVALID', '--budget takes US dollars with at most nine digits after the point');
  return parseMoney(text);
}

function parseRole(text: unknown): ApiKey['role'] {
  const role = API_KEY_ROLES.find((known) => known === text);
  if (role === undefined) throw new AiCoreError('REQUEST_INVALID', `--role is one of ${API_KEY_ROLES.join(', ')}`);
  return role;
}

function day(date: Date | null): string {
  return date === null ? '' : date.toISOString().slice(0, 16).replace('T', ' ');
}

function declareCreate(command: Command, run: RunVerb): void {
  command
    .command('create')
    .description('make a key and show it, once')
    .argument('<name>', 'name of the backend; the caller in the accounts')
    .option('--role <role>', `one of ${API_KEY_ROLES.join(', ')}`, 'app')
    .option('--scope <scope...>', 'scopes its requests may name, * at the end for any ending; default: every scope')
    .option('--requests-per-minute <n>', 'most requests a minute, over all gateways; default: no limit')
    .option('--budget <usd>', 'US dollars it may spend a month, then it is refused; `ai-core budget` has the finer settings')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ args, options, output, connect }) => {
        const role = parseRole(options['role']);
        const requestsPerMinute = parseLimit(options['requestsPerMinute']);
        const scopes = Array.isArray(options['scope']) ? options['scope'].map(String) : null;
        const limitNanoUsd = parseBudget(options['budget']);
        const connection = await connect();
        const fresh = { name: args[0] ?? '', role, scopes, requestsPerMinute, actor: ACTOR };
        const { key, record } = await createApiKey(connection.database, fresh);
        if (limitNanoUsd !== undefined) {
          await setBudget(connection.database, {
            simulated: connection.simulated,
            scope: 'caller',
            subject: record.name,
            period: 'month',
            limitNanoUsd,
            onExceed: 'refuse',
            alertPercents: [80, 100],
            actor: ACTOR,
          });
        }
        const budget = limitNanoUsd === undefined ? {} : { monthly_budget_usd: formatMoney(limitNanoUsd) };
        const secret = webhookSecret(parseSealKey(connection.sealKey), record.name);
        output.result({ key, webhook_secret: secret, ...toDocument(record), ...budget }, [
          key,
          `The key of ${record.name}. It is shown this once; only its hash is kept.`,
          `Its webhooks are signed with ${secret}`,
        ]);
      }),
    );
}

function declareList(command: Command, run: RunVerb): void {
  command
    .command('list')
    .description('every key there is or was')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ output, connect }) => {
        const { database } = await connect();
        const keys = await listApiKeys(database);
        output.result(
          { keys: keys.map(toDocument) },
          keys.length === 0
            ? ['there is no key; `ai-core keys create NAME` makes one']
            : formatTable(
                ['name', 'role', 'ends with', 'scopes', 'a minute', 'last used (UTC)', 'revoked (UTC)'],
                keys.map((key) => [
                  key.name,
                  key.role,
                  key.hint,
                  key.scopes?.join(' ') ?? 'every',
                  String(key.requestsPerMinute ?? ''),
                  day(key.lastUsedAt),
                  day(key.revokedAt),
                ]),
              ),
        );
      }),
    );
}

function declareRevoke(command: Command, run: RunVerb): void {
  command
    .command('revoke')
    .description('end a key; it is refused at once, by a gateway that is cut off within 5 seconds')
    .argument('<name>', 'name of the key')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ args, output, connect }) => {
        const name = args[0] ?? '';
        const connection = await connect();
        const revoked = await revokeApiKey(connection.database, name, ACTOR);
        if (!revoked) throw new AiCoreError('NOT_FOUND', `there is no living key named ${name}`);
        await announceChange(connection, 'api-keys').catch(() => output.note('the queue is unreachable; gateways notice within 5 seconds'));
        output.result({ name, revoked: true }, [`${name} is revoked`]);
      }),
    );
}

export const keys: Verb = {
  declare(program, run) {
    const command = program.command('keys').description('API keys of backends');
    declareCreate(command, run);
    declareList(command, run);
    declareRevoke(command, run);
    return command;
  },
};
