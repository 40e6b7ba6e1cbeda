import { constants, createReadStream } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { AiCoreError, BILL_PROVIDERS, computeCost, formatMoney, priceAt, type Usage } from '@ai-core/core';
import { listUnknownAttempts, loadCatalogueSnapshot, resolveUnknownAttempt, type Database, type UnknownAttempt } from '@ai-core/store';
import { billDocument, billTable, compareBill, isReconciled } from '../compare-bill.ts';
import { EXIT } from '../exit-codes.ts';
import { parseChoice, parseDay } from '../parse-option.ts';
import type { Connection, Verb, VerbContext } from '../verb.ts';

/** One paid call on a provider's bill, as the simulator writes it: one JSON object per line. */
interface BillLine {
  readonly at: string;
  readonly model: string;
  readonly attemptId: string | null;
  readonly requestId: string;
  readonly usage: Usage;
}

interface Bill {
  readonly byAttempt: ReadonlyMap<string, BillLine>;
  /** The last moment the bill covers, milliseconds since the epoch; a call after it may still come on a later bill. */
  readonly until: number;
}

interface Reconciliation {
  readonly billed: number;
  readonly notBilled: number;
  /** Began after the last line of the bill: whether they were paid cannot be told yet. */
  readonly open: number;
  readonly costNanoUsd: bigint;
  readonly unpriced: number;
}

function parseLine(line: string, number: number): BillLine {
  try {
    const value = JSON.parse(line) as BillLine;
    if (typeof value.at === 'string' && typeof value.model === 'string' && typeof value.usage === 'object') return value;
  } catch {
    // Told below, with the number of the line.
  }
  throw new AiCoreError('REQUEST_INVALID', `line ${number} of the bill is not a paid call in JSON`);
}

async function readBill(lines: AsyncIterable<string>): Promise<Bill> {
  const byAttempt = new Map<string, BillLine>();
  let until = 0;
  let number = 0;
  for await (const line of lines) {
    number++;
    if (line.trim() === '') continue;
    const entry = parseLine(line, number);
    until = Math.max(until, Date.parse(entry.at));
    if (entry.attemptId !== null) byAttempt.set(entry.attemptId, entry);
  }
  return { byAttempt, until };
}

/** The bill of the simulator that runs with this AI Core. */
async function fetchSimulatorBill(url: string): Promise<Bill> {
  const response = await fetch(`${url}/__simulator/bill`);
  if (!response.ok) throw new AiCoreError('PROVIDER_UNREACHABLE', `the simulator answered ${response.status} instead of its bill`);
  const { lines } = (await response.json()) as { lines: BillLine[] };
  return { byAttempt: new Map(lines.flatMap((line) => (line.attemptId === null ? [] : [[line.attemptId, line]]))), until: Date.now() };
}

async function settle(database: Database, attempts: readonly UnknownAttempt[], bill: Bill): Promise<Reconciliation> {
  const { prices } = await loadCatalogueSnapshot(database);
  let billed = 0;
  let notBilled = 0;
  let open = 0;
  let unpriced = 0;
  let costNanoUsd = 0n;
  for (const attempt of attempts) {
    const line = bill.byAttempt.get(attempt.id);
    if (line === undefined && attempt.startedAt.getTime() > bill.until) {
      open++;
      continue;
    }
    const find = (modelName: string) => priceAt(prices, { provider: attempt.provider, modelName, at: attempt.startedAt });
    const price = line === undefined ? null : (find(line.model) ?? find(attempt.model));
    const cost = line === undefined ? 0n : computeCost(line.usage, price).nanoUsd;
    const resolved = await resolveUnknownAttempt(database, {
      attemptId: attempt.id,
      state: line === undefined ? 'not_billed' : 'billed',
      usage: line?.usage ?? null,
      costNanoUsd: cost,
      priceId: cost === null ? null : (price?.id ?? null),
      billedModel: line?.model ?? null,
      providerRequestId: line?.requestId ?? null,
      settledBy: 'bill',
    });
    if (!resolved) continue;
    if (line === undefined) notBilled++;
    else billed++;
    if (cost === null) unpriced++;
    else costNanoUsd += cost;
  }
  return { billed, notBilled, open, unpriced, costNanoUsd };
}

/** An admin's act: what is still unknown is written off as not billed. */
async function writeOff(database: Database, attempts: readonly UnknownAttempt[]): Promise<Reconciliation> {
  let notBilled = 0;
  for (const attempt of attempts) {
    const nothing = { usage: null, costNanoUsd: 0n, priceId: null, billedModel: null, providerRequestId: null };
    if (await resolveUnknownAttempt(database, { ...nothing, attemptId: attempt.id, state: 'not_billed', settledBy: 'write-off' }))
      notBilled++;
  }
  return { billed: 0, notBilled, open: 0, unpriced: 0, costNanoUsd: 0n };
}

/** @throws REQUEST_INVALID when the bill cannot be read */
async function checkReadable(file: string): Promise<void> {
  await access(file, constants.R_OK).catch((cause: unknown) => {
    throw new AiCoreError('REQUEST_INVALID', `the bill ${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'})`, {
      cause,
    });
  });
}

async function openBill(file: string | undefined, connection: Connection): Promise<Bill> {
  if (file !== undefined) return readBill(createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY }));
  if (connection.simulatorUrl !== undefined) return fetchSimulatorBill(connection.simulatorUrl);
  throw new AiCoreError('REQUEST_INVALID', 'name the file with the bill of the provider, or --write-off what cannot be found out');
}

/** @returns the exit code: failed when more than rounding differs */
async function compare(context: VerbContext, file: string): Promise<number> {
  const { options, output } = context;
  const from = parseDay(options['from'], '--from') ?? null;
  const to = parseDay(options['to'], '--to') ?? null;
  if ((from === null) !== (to === null)) throw new AiCoreError('REQUEST_INVALID', '--from and --to go together');
  if (from !== null && to !== null && from > to) throw new AiCoreError('REQUEST_INVALID', '--from must not be after --to');
  const provider = parseChoice(options['provider'], '--provider', BILL_PROVIDERS) ?? null;
  await checkReadable(file);
  const text = await readFile(file, 'utf8');
  const { database, simulated } = await context.connect();
  const compared = await compareBill(database, { text, provider, from, to, simulated });
  output.result(billDocument(compared), billTable(compared));
  return isReconciled(compared) ? EXIT.ok : EXIT.failed;
}

async function settleUnknown({ args, options, output, connect }: VerbContext): Promise<number> {
  if (args[0] !== undefined) await checkReadable(args[0]);
  const connection = await connect();
  const attempts = await listUnknownAttempts(connection.database, connection.simulated);
  const result =
    options['writeOff'] === true
      ? await writeOff(connection.database, attempts)
      : attempts.length === 0
        ? { billed: 0, notBilled: 0, open: 0, unpriced: 0, costNanoUsd: 0n }
        : await settle(connection.database, attempts, await openBill(args[0], connection));
  output.result(
    {
      unknown: attempts.length,
      billed: result.billed,
      not_billed: result.notBilled,
      open: result.open,
      unpriced: result.unpriced,
      cost_usd: formatMoney(result.costNanoUsd),
    },
    attempts.length === 0
      ? ['no attempt is unknown']
      : [
          `${attempts.length} unknown: ${result.billed} were billed ($${formatMoney(result.costNanoUsd)}), ${result.notBilled} were not, ${result.open} stay open`,
        ],
  );
  return EXIT.ok;
}

export const reconcile: Verb = {
  declare: (program, run) =>
    program
      .command('reconcile')
      .description("compare a provider's export of costs or usage with our account, or settle calls whose outcome is unknown")
      .argument(
        '[file]',
        "the provider's export; with --unknown a bill with one JSON object per paid call and line, default: the running simulator",
      )
      .option('--provider <name>', `whose export it is: ${BILL_PROVIDERS.join(', ')}; default: told from its form`)
      .option('--from <day>', 'first day to compare, YYYY-MM-DD; default: as far as the export goes')
      .option('--to <day>', 'last day to compare')
      .option('--unknown', 'settle attempts whose outcome is unknown')
      .option('--write-off', 'with --unknown: count what is unknown as not billed, without a bill')
      .option('--json', 'print one JSON document')
      .action(
        run(async (context) => {
          const [file] = context.args;
          if (context.options['unknown'] === true) return settleUnknown(context);
          if (context.options['writeOff'] === true) throw new AiCoreError('REQUEST_INVALID', '--write-off goes with --unknown');
          if (file === undefined) throw new AiCoreError('REQUEST_INVALID', 'name a file with the export of the provider, or say --unknown');
          return compare(context, file);
        }),
      ),
};
