import { AiCoreError, formatMoney } from '@ai-core/core';
import { createAiCore } from '@ai-core/producer';
import { onShutdown } from '@ai-core/runtime';
import { countUsageRows, listDailyCost, openDatabase, rollUp, type DailyCostRow } from '@ai-core/store';
import { EXIT } from '../exit-codes.ts';
import { runFirstJob, type FirstJob, type FirstJobEntry } from '../first-job.ts';
import { startOneMachine, type OneMachine } from '../one-machine.ts';
import { formatTable, type Output } from '../output.ts';
import type { Verb } from '../verb.ts';

function parsePort(text: unknown, option: string): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new AiCoreError('REQUEST_INVALID', `${option} takes a port number, not "${typeof text === 'string' ? text : typeof text}"`);
  return port;
}

interface Accounts {
  readonly usageRows: number;
  readonly dailyCost: readonly DailyCostRow[];
}

/** Today's accounts, brought up to date first. */
async function readAccounts(machine: OneMachine): Promise<Accounts> {
  const database = openDatabase({ url: machine.running.databaseUrl, maxConnections: 2 });
  try {
    await rollUp(database);
    const { simulated } = machine.running;
    return { usageRows: await countUsageRows(database, simulated), dailyCost: await listDailyCost(database, null, simulated) };
  } finally {
    await database.close();
  }
}

async function firstJob(machine: OneMachine, job: FirstJob, note: (text: string) => void): Promise<FirstJobEntry[]> {
  const aiCore = await createAiCore({
    databaseUrl: machine.running.databaseUrl,
    redisUrl: machine.running.redisUrl ?? undefined,
    simulated: machine.running.simulated,
    caller: 'first-job',
    s3: machine.running.s3,
    sealKey: machine.sealKey,
    onError: () => undefined,
  });
  try {
    return await runFirstJob(aiCore, job);
  } catch (error) {
    note(`the first job failed: ${AiCoreError.from(error).message}`);
    throw error;
  } finally {
    await aiCore.close();
  }
}

interface Report {
  readonly machine: OneMachine;
  readonly entries: readonly FirstJobEntry[];
  readonly accounts: Accounts;
  readonly setupMs: number;
  readonly firstJobMs: number;
}

function toDocument({ machine, entries, accounts, setupMs, firstJobMs }: Report): object {
  return {
    simulated: machine.running.simulated,
    first_job: entries,
    usage_rows: accounts.usageRows,
    daily_cost: accounts.dailyCost.map((row) => ({
      day: row.day,
      provider: row.provider,
      model: row.model,
      request_type: row.requestType,
      requests: row.requests,
      cache_hits: row.cacheHits,
      cost_usd: formatMoney(row.costNanoUsd),
      saved_usd: formatMoney(row.savedNanoUsd),
    })),
    gateway_url: machine.running.gatewayUrl,
    console_url: machine.running.consoleUrl,
    setup_ms: setupMs,
    first_job_ms: firstJobMs,
  };
}

function describeFirstJob(entries: readonly FirstJobEntry[]): string[] {
  const table = formatTable(
    ['first job', 'model', 'from', 'latency', 'cost', 'saved'],
    entries.map((entry) => [
      entry.kind,
      entry.provider === null ? '-' : `${entry.provider}/${entry.model}`,
      entry.source,
      `${entry.latency_ms} ms`,
      entry.cost_usd === null ? 'unknown' : `$${entry.cost_usd}`,
      `$${entry.saved_usd}`,
    ]),
  );
  const remarks = entries.flatMap(
    ({ note, file, seconds }) => note ?? (file === undefined ? [] : `audio, ${seconds?.toFixed(1)} s: ${file}`),
  );
  return [...table, ...(remarks.length === 0 ? [] : ['', ...new Set(remarks)])];
}

function describe({ machine, entries, accounts }: Report): string[] {
  const lines: string[] = [''];
  if (machine.simulatedBecause !== null)
    lines.push(`Simulated: ${machine.simulatedBecause}, so the answers are made up and no money is spent.`, '');
  if (entries.length > 0) lines.push(...describeFirstJob(entries), '');
  lines.push(
    ...formatTable(
      ['day (UTC)', 'model', 'type', 'requests', 'hits', 'cost', 'saved'],
      accounts.dailyCost.map((row) => [
        row.day,
        `${row.provider}/${row.model}`,
        row.requestType,
        String(row.requests),
        String(row.cacheHits),
        `$${formatMoney(row.costNanoUsd)}`,
        `$${formatMoney(row.savedNanoUsd)}`,
      ]),
    ),
    '',
    `gateway  ${machine.running.gatewayUrl}`,
    `console  ${machine.running.consoleUrl}`,
  );
  if (machine.firstAdmin !== null) lines.push(`         ${describeLogin(machine.firstAdmin)}`);
  if (machine.firstApiKey !== null) lines.push(`API key  ${machine.firstApiKey}  (shown once; \`ai-core keys create NAME\` makes others)`);
  return lines;
}

function describeLogin({ name, password }: NonNullable<OneMachine['firstAdmin']>): string {
  return `log in as ${name} with the one-time password ${password}`;
}

function stayUp(machine: OneMachine, output: Output): Promise<never> {
  // Before the word is out: whoever waits for it may press Ctrl-C at once.
  onShutdown({ stop: () => machine.stop(), onError: (error) => output.note(String(error)) });
  output.note('AI Core is up. Ctrl-C stops it; data stays in the data folder.');
  return new Promise(() => undefined);
}

export const up: Verb = {
  declare: (program, run) =>
    program
      .command('up')
      .description('start everything on this machine and run the first job')
      .option('--once', 'stop after the first job and the cost table')
      .option('--no-first-job', 'start without the first job')
      .option('--fresh', 'buy the first job anew although it is remembered')
      .option('--port <n>', 'port of the gateway')
      .option('--console-port <n>', 'port of the console')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ options, output, environment, dataFolder }) => {
          const since = performance.now();
          const machine = await startOneMachine({
            environment,
            dataFolder,
            port: parsePort(options['port'], '--port'),
            consolePort: parsePort(options['consolePort'], '--console-port'),
            note: output.note,
          });
          const setupMs = Math.round(performance.now() - since);
          try {
            const entries =
              options['firstJob'] === false
                ? []
                : await firstJob(machine, { refresh: options['fresh'] === true, folder: dataFolder }, output.note);
            const firstJobMs = Math.round(performance.now() - since) - setupMs;
            const report: Report = { machine, entries, accounts: await readAccounts(machine), setupMs, firstJobMs };
            output.result(toDocument(report), describe(report));
            // Password and key exist nowhere else: where the document has no place for them, they are told beside it.
            if (output.json && machine.firstAdmin !== null) output.note(`console: ${describeLogin(machine.firstAdmin)}`);
            if (output.json && machine.firstApiKey !== null) output.note(`API key: ${machine.firstApiKey}`);
            if (options['once'] !== true) await stayUp(machine, output);
            return EXIT.ok;
          } finally {
            await machine.stop();
          }
        }),
      ),
};
