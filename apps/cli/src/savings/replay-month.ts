import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { AiCoreError } from '@ai-core/core';
import { createAiCore, type AiCore, type AiCoreOptions, type TextHandle } from '@ai-core/producer';
import { migrateQueue } from '@ai-core/queue';
import { createLog } from '@ai-core/runtime';
import { addProvider, migrate, openDatabase, reportUsage, rollUp, setUpProviders, type UsageTotals } from '@ai-core/store';
import { simulatedAccess, startWorker } from '@ai-core/worker';
import { startSimulatorProcess, type SimulatorProcess } from '../simulator-process.ts';
import type { Month, PlannedRequest } from './plan-month.ts';
import type { ChargedCall } from './price-calls.ts';
import type { SavingsStage } from './savings-stage.ts';

export interface ReplaySettings {
  readonly stage: SavingsStage;
  /** Name of the scenario's own database. */
  readonly name: string;
  readonly month: Month;
  readonly seed: number;
  /** Percent of the prompts of the cheap tier that the own model answers; null = there is none. */
  readonly ownModelShare: number | null;
  /** Texts that nobody sits in front of wait for the providers' batch APIs. */
  readonly inBatches: boolean;
  /** Told how many requests are answered. */
  readonly onProgress: (answered: number) => void;
}

/** A line of the emulated providers' bill. */
export interface BillLine extends ChargedCall {
  readonly seq: number;
  readonly attemptId: string | null;
}

export interface Replay {
  readonly totals: UsageTotals;
  readonly bill: readonly BillLine[];
  /** For each request, in the month's order, the id of the remembered answer it was given, which is that of the call it was bought by. */
  readonly answers: readonly (string | null)[];
}

/** Requests that wait at the same time: enough to keep the machine busy, few enough that none waits long. */
const IN_FLIGHT = 64;
const ROLES = 'text-openai,text-gemini,text-claude,text-local,audio-elevenlabs,maintenance';
const TIMEOUT_MS = 120_000;
/** The month has no pauses here: what is collected for a second is what else would be in an hour. */
const BATCHES = { maxAgeMs: 1_000, pollMs: 200 };

/**
 * Asks a whole month through the real system: producer, queue, worker and ledger. Only the providers are emulated; they answer at once.
 * The month is asked in its order and without its pauses.
 */
export async function replayMonth(settings: ReplaySettings): Promise<Replay> {
  const { stage, name, seed, ownModelShare } = settings;
  const databaseUrl = await stage.openDatabase(name);
  await migrate({ databaseUrl, also: migrateQueue });
  await setUpProviders({ databaseUrl, catalogue: 'current' });
  const database = openDatabase({ url: databaseUrl, maxConnections: 4, applicationName: 'ai-core replay' });
  const folder = path.join(stage.folder, name);
  mkdirSync(folder);
  // It answers at once, and a melody of the right length costs next to nothing.
  const simulator = await startSimulatorProcess(folder, ['--seed', String(seed), '--speech', 'tiled']);
  try {
    if (ownModelShare !== null) {
      await addProvider(
        { database, actor: 'ai-core simulate', announce: () => Promise.resolve() },
        { provider: 'local_small_model', modelName: 'zporta_v1', kind: 'text' },
        { isDefault: true, trafficShare: ownModelShare },
      );
    }
    const worker = await startWorker({
      databaseUrl,
      s3: stage.s3,
      roles: ROLES,
      batches: BATCHES,
      access: simulatedAccess(simulator.baseUrls),
      spoolFolder: path.join(folder, 'spool'),
      log: createLog({ level: 'silent', name: 'replay' }),
    });
    try {
      const answers = await askAll({ databaseUrl, s3: stage.s3 }, settings);
      await rollUp(database);
      const { totals } = await reportUsage(database, { days: 2, by: 'model', simulated: true });
      const bill = await readBill(simulator);
      return { totals, bill, answers };
    } finally {
      await worker.stop({ graceMs: 1_000 });
    }
  } finally {
    await simulator.stop();
    await database.close();
  }
}

async function askAll(
  connections: Pick<AiCoreOptions, 'databaseUrl' | 's3'>,
  { month, inBatches, onProgress }: ReplaySettings,
): Promise<(string | null)[]> {
  const aiCore = await createAiCore({ ...connections, simulated: true, caller: 'replay' });
  const answers: (string | null)[] = [];
  const waiting = month.requests.entries();
  const later: Promise<void>[] = [];
  let answered = 0;
  async function note(index: number, answer: Promise<string | null>): Promise<void> {
    answers[index] = await answer;
    onProgress(++answered);
  }
  async function askInTurn(): Promise<void> {
    // Everyone takes the next request of the one list.
    for (const [index, request] of waiting) {
      if (!inBatches || !request.patient) {
        await note(index, ask(aiCore, request));
        continue;
      }
      const handle = await aiCore.enqueueText({ ...toText(request), lane: 'batch' });
      later.push(note(index, answerOf(handle)));
    }
  }
  try {
    await Promise.all(Array.from({ length: IN_FLIGHT }, askInTurn));
    await Promise.all(later);
    return answers;
  } finally {
    // Writes down the hits that are not yet in the accounts.
    await aiCore.close();
  }
}

function toText({ requestType, text, language, user }: PlannedRequest) {
  return { requestType, prompt: text, options: { language }, user };
}

async function answerOf(handle: TextHandle): Promise<string | null> {
  return (await handle.result({ timeoutMs: TIMEOUT_MS })).memoryId;
}

async function ask(aiCore: AiCore, request: PlannedRequest): Promise<string | null> {
  const { kind, text, language, user } = request;
  if (kind === 'audio') return (await (await aiCore.enqueueAudio({ text, language, user })).link({ timeoutMs: TIMEOUT_MS })).memoryId;
  return answerOf(await aiCore.enqueueText(toText(request)));
}

async function readBill({ url }: SimulatorProcess): Promise<BillLine[]> {
  const response = await fetch(`${url}/__simulator/bill`);
  return ((await response.json()) as { lines: BillLine[] }).lines;
}

/** @returns for each request, in the month's order, the line of the bill that its answer came from */
export function findOrigins(month: Month, { answers, bill }: Replay): BillLine[] {
  const byAttempt = new Map(bill.map((line) => [line.attemptId, line]));
  return month.requests.map(({ key }, index) => {
    const line = byAttempt.get(answers[index] ?? '');
    if (line === undefined) throw new AiCoreError('INTERNAL', `the answer to "${key}" is on no provider's bill`);
    return line;
  });
}
