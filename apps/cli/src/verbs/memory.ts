import { AiCoreError } from '@ai-core/core';
import {
  forgetMemory,
  listMemory,
  markMemoryStale,
  rateMemory,
  rejectMemory,
  showMemory,
  VERDICTS,
  verifyMemory,
  type CuratedMemory,
  type MemoryDetail,
} from '@ai-core/store';
import type { Command } from 'commander';
import { openAct } from '../act.ts';
import { formatUsd } from '../format-usd.ts';
import { openCliObjects } from '../open-objects.ts';
import { formatTable } from '../output.ts';
import { parseChoice, parseMemoryId, parseNumber, parseText } from '../parse-option.ts';
import type { RunVerb, Verb } from '../verb.ts';

const BY = ['--by <name>', 'who decides this, for the audit log; default: the account this runs under'] as const;
const MOST_ROWS = 10_000;
const PROMPT_SHOWN = 60;

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= PROMPT_SHOWN ? line : `${line.slice(0, PROMPT_SHOWN - 1)}…`;
}

function usd(nanoUsd: string | null): string {
  return formatUsd(nanoUsd === null ? null : BigInt(nanoUsd));
}

function declareList(command: Command, run: RunVerb): void {
  command
    .command('list')
    .description('remembered answers, newest first')
    .option('--type <name>', 'only of this request type')
    .option('--provider <name>', 'only of this provider')
    .option('--verdict <verdict>', `only with this verdict: ${VERDICTS.join(', ')}`)
    .option('--search <words>', 'only where the prompt has these words')
    .option('--all', 'also what is not served any more')
    .option('--limit <n>', 'how many', '50')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ options, output, connect }) => {
        const verdict = parseChoice(options['verdict'], '--verdict', VERDICTS);
        const limit = parseNumber(options['limit'], '--limit', { from: 1, to: MOST_ROWS, whole: true });
        const { database, simulated } = await connect();
        const rows = await listMemory(database, {
          simulated,
          requestType: parseText(options['type']),
          provider: parseText(options['provider']),
          search: parseText(options['search']),
          verdict,
          // What was rejected or is stale is not current: asking for it is asking for such.
          allVersions: options['all'] === true || verdict === 'rejected' || verdict === 'stale',
          limit,
        });
        const cells = rows.map((row) => [
          row.id,
          row.requestType,
          `${row.provider}/${row.model}`,
          row.verdict,
          row.userRating === null ? '' : `${row.userRating} (${row.ratingCount})`,
          String(row.usageCount),
          usd(row.costNanoUsd),
          shorten(row.promptText),
        ]);
        const head = ['id', 'type', 'model', 'verdict', 'rating', 'uses', 'cost', 'prompt'];
        output.result(rows, rows.length === 0 ? ['nothing is remembered that fits'] : formatTable(head, cells));
      }),
    );
}

function describe(memory: MemoryDetail): string[] {
  const judged = memory.verdictBy === null ? '' : `, by ${memory.verdictBy} at ${memory.verdictAt ?? ''}`;
  return [
    `id         ${memory.id}`,
    `type       ${memory.kind}, ${memory.requestType}, scope ${memory.scope}`,
    `model      ${memory.provider}/${memory.model}`,
    `cost       ${usd(memory.costNanoUsd)}, used ${memory.usageCount} times since ${memory.createdAt}`,
    `verdict    ${memory.verdict}${judged}${memory.verdictReason === null ? '' : `: ${memory.verdictReason}`}`,
    `served     ${memory.isCurrent ? 'yes' : 'no'}${memory.expiresAt === null ? '' : `, until ${memory.expiresAt}`}`,
    `rating     ${memory.userRating === null ? 'none' : `${memory.userRating} of ${memory.ratingCount}`}`,
    `versions   ${memory.versions.length}`,
    '',
    memory.promptText,
    '',
    memory.text ?? `${memory.audio?.file ?? ''} (${memory.audio?.seconds ?? 0} s, ${memory.audio?.bytes ?? 0} bytes)`,
  ];
}

function declareShow(command: Command, run: RunVerb): void {
  command
    .command('show')
    .description('one remembered answer with its prompt, verdict and versions')
    .argument('<id>', 'id of the answer')
    .option('--json', 'print one JSON document')
    .action(
      run(async ({ args, output, connect }) => {
        const id = parseMemoryId(args[0]);
        const { database } = await connect();
        const memory = await showMemory(database, id);
        if (memory === null) throw new AiCoreError('NOT_FOUND', `there is no remembered answer ${id}`);
        output.result(memory, describe(memory));
      }),
    );
}

function tell(curated: CuratedMemory): string[] {
  const service = curated.isCurrent ? 'served on' : 'not served any more';
  return [`${curated.id} is ${curated.changed ? '' : 'already '}${curated.verdict}, ${service}`];
}

function declareVerify(command: Command, run: RunVerb): void {
  command
    .command('verify')
    .description('a person found it good: it may be learned from, and a refresh does not replace it')
    .argument('<id>', 'id of the answer')
    .option(...BY)
    .option('--json', 'print one JSON document')
    .action(
      run(async (context) => {
        const id = parseMemoryId(context.args[0]);
        const curated = await verifyMemory(await openAct(context), id);
        context.output.result(curated, tell(curated));
      }),
    );
}

/** Verdicts that take an answer out of service. */
const ENDINGS = {
  reject: { judge: rejectMemory, about: 'it is wrong: never serve it again, never learn from it; the next request buys a new one' },
  stale: { judge: markMemoryStale, about: 'it is out of date: the next request buys a new one' },
} as const;

function declareEnding(command: Command, run: RunVerb, name: keyof typeof ENDINGS): void {
  command
    .command(name)
    .description(ENDINGS[name].about)
    .argument('<id>', 'id of the answer')
    .option('--reason <words>', 'why, for the audit log')
    .option(...BY)
    .option('--json', 'print one JSON document')
    .action(
      run(async (context) => {
        const id = parseMemoryId(context.args[0]);
        const curated = await ENDINGS[name].judge(await openAct(context), id, parseText(context.options['reason']) ?? null);
        context.output.result(curated, tell(curated));
      }),
    );
}

function declareRate(command: Command, run: RunVerb): void {
  command
    .command('rate')
    .description("one user's rating; a newer one replaces the older")
    .argument('<id>', 'id of the answer')
    .argument('<rating>', '0 to 5')
    .requiredOption('--user <id>', 'who rates')
    .option('--comment <words>', 'what they say')
    .option('--json', 'print one JSON document')
    .action(
      run(async (context) => {
        const { args, options, output } = context;
        const memoryId = parseMemoryId(args[0]);
        const rating = parseNumber(args[1], '<rating>', { from: 0, to: 5 }) ?? 0;
        const { database, actor } = await openAct(context);
        const userId = parseText(options['user']) ?? '';
        const result = await rateMemory(database, {
          memoryId,
          userId,
          caller: 'ai-core',
          rating,
          comment: parseText(options['comment']) ?? null,
          auditedAs: actor,
        });
        output.result({ id: memoryId, user_rating: result.userRating, rating_count: result.ratingCount }, [
          `${memoryId} is rated ${result.userRating} by ${result.ratingCount}`,
        ]);
      }),
    );
}

function declareForget(command: Command, run: RunVerb): void {
  command
    .command('forget')
    .description('remove an answer in all versions, its jobs, MP3s and training examples; what was paid stays in the accounts')
    .argument('[id]', 'id of the answer')
    .option('--scope <scope>', 'everything of one scope, such as user:42')
    .option(...BY)
    .option('--json', 'print one JSON document')
    .action(
      run(async (context) => {
        const scope = parseText(context.options['scope']);
        const [id] = context.args;
        if ((id === undefined) === (scope === undefined))
          throw new AiCoreError('REQUEST_INVALID', 'name either the id of an answer or a --scope');
        const target = scope === undefined ? { memoryId: parseMemoryId(id) } : { scope };
        const act = await openAct(context);
        const objects = openCliObjects(context.environment, context.dataFolder);
        try {
          const forgotten = await forgetMemory(act, target, objects ?? null);
          context.output.result(forgotten, [
            `forgotten: ${forgotten.memories} remembered answers, ${forgotten.jobs} jobs, ${forgotten.objects} MP3s`,
          ]);
        } finally {
          objects?.close();
        }
      }),
    );
}

export const memory: Verb = {
  declare(program, run) {
    const command = program.command('memory').description('look at remembered answers, judge them, forget them');
    declareList(command, run);
    declareShow(command, run);
    declareVerify(command, run);
    declareEnding(command, run, 'reject');
    declareEnding(command, run, 'stale');
    declareRate(command, run);
    declareForget(command, run);
    return command;
  },
};
