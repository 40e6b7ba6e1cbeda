import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { checkInvariants, checkRollUp, loadCatalogueSnapshot } from '@ai-core/store';
import { simulatedAccess } from '@ai-core/worker';
import { startProducerProcess, startWorkerProcess } from '../child-process.ts';
import { priceBill, readBill, settleUnknown } from './bill.ts';
import { checkMoney } from './check-money.ts';
import { findDoubleResults, sortRequests } from './check-requests.ts';
import { findMissingSounds } from './check-sounds.ts';
import { drain } from './drain.ts';
import type { Finding } from './finding.ts';
import { startKeeper, type Keeper } from './keeper.ts';
import { readLedger, readSums } from './ledger.ts';
import { startLoad, type Load } from './load.ts';
import { runNemesis, type Havoc } from './nemesis.ts';
import { countActs, planActs, planFloods } from './plan-acts.ts';
import { planLoad, type LoadPlan } from './plan-load.ts';
import type { Profile } from './profile.ts';
import { createRandom } from './random.ts';
import { recallAnswers } from './recall-answers.ts';
import { bigintAsText, type Report } from './report.ts';
import { measureResumes } from './resume-times.ts';
import { startServices, type Services } from './services.ts';

export interface LabOptions {
  readonly seed: number;
  readonly profile: Profile;
  /** Keep the folder of the run although nothing is wrong. */
  readonly keep: boolean;
  readonly tell: (line: string) => void;
}

const ROLES = 'text-openai,text-claude,text-gemini,audio-elevenlabs,audio-google-tts,maintenance';
/** Few, so that bursts wait in the queues and in the ledger when a kill comes. */
const CONCURRENCY = 8;
const DISPATCH_WINDOW = 60;
/**
 * Longer than any call of the lab can last (the slowest latency, a pause of 5 s, a spooled answer while Postgres is away), and short
 * enough that some unknown attempts get their usage row before they are settled from the bill: both ways of accounting are exercised.
 */
const UNKNOWN_GRACE_MS = 45_000;

/** One whole run: services, load, nemesis, drain, settling, check. The same seed makes the same requests and acts at the same times. */
export async function runLab({ seed, profile, keep, tell }: LabOptions): Promise<Report> {
  const random = createRandom(seed);
  const acts = planActs(random, profile);
  const plan = planLoad(random, profile, planFloods(acts));
  tell(`${plan.requests.length} requests of ${plan.prompts.length} prompts, ${acts.length} acts, ${profile.loadMs / 1_000} s`);

  const services = await startServices(seed, {
    workers: profile.workers,
    fillsDisk: profile.acts.postgres_disk_full > 0,
    setsClocks: profile.acts.worker_clock_jump > 0,
  });
  try {
    const { databaseUrl, redisUrl, s3, baseUrls } = services.addresses;
    const connections = { databaseUrl, redisUrl, s3, dispatchWindow: DISPATCH_WINDOW };
    const spoolFolders = Array.from({ length: profile.workers }, (_, place) => path.join(services.folder, `spool-${place}`));
    const keeper = await startKeeper({
      workers: profile.workers,
      databaseNow: services.databaseNow,
      start: (place) =>
        startWorkerProcess(
          {
            ...connections,
            roles: ROLES,
            access: simulatedAccess(baseUrls),
            spoolFolder: spoolFolders[place] ?? '',
            concurrency: CONCURRENCY,
            unknownGraceMs: UNKNOWN_GRACE_MS,
          },
          { log: services.log, environment: services.clocks.environmentOf(place) },
        ),
    });
    const producers = await Promise.all(
      Array.from({ length: profile.producers }, (_, index) =>
        startProducerProcess({ ...connections, simulated: true, caller: `producer-${index}` }, { log: services.log }),
      ),
    );
    tell('services, workers and producers are up: the load begins');

    const load = startLoad(plan, producers);
    const [havoc] = await Promise.all([runNemesis(acts, { services, keeper, tell }), load.sent]);
    tell('the load and the acts are over: draining');
    const drained = await drain({
      database: services.database,
      drainMs: profile.drainMs,
      spoolFolders,
      isAnswered: load.isAnswered,
      tell,
    });
    tell(drained ? 'drained' : 'NOT drained in time');
    await load.stop();
    await keeper.stop();
    await services.simulator.whenIdle();
    return await check({ seed, keep, plan, services, keeper, load, havoc, drained });
  } finally {
    await services.stop();
  }
}

interface Run {
  readonly seed: number;
  readonly keep: boolean;
  readonly plan: LoadPlan;
  readonly services: Services;
  readonly keeper: Keeper;
  readonly load: Load;
  readonly havoc: Havoc;
  readonly drained: boolean;
}

/** Everything has stopped but the database: settles what is unknown, rolls up, and compares what happened with what should have. */
async function check({ seed, keep, plan, services, keeper, load, havoc, drained }: Run): Promise<Report> {
  const { database } = services;
  const { prices, configs } = await loadCatalogueSnapshot(database);
  const before = await readLedger(database);
  const bill = priceBill(readBill(services.billFile), prices, before.attempts);
  await settleUnknown(database, bill);
  const rollUp = await checkRollUp(database);
  const after = await readLedger(database);
  const sums = await readSums(database);

  const requests = sortRequests({
    prompts: plan.prompts.map(({ text }) => text),
    outcomes: load.outcomes,
    ledger: after,
    recalled: await recallAnswers(after, { seed, configs }),
  });
  const money = checkMoney({ bill, jobs: after.jobs, before: before.attempts, after: after.attempts, sums });
  const invariants = (await checkInvariants(database)).filter(({ broken }) => broken > 0);
  const findings: Finding[] = [
    ...requests.findings,
    ...findDoubleResults(after),
    ...money.findings,
    ...(await findMissingSounds(after.memories, services.objects)),
    ...[...rollUp.differences, ...invariants].map((evidence): Finding => ({ kind: 'broken_invariants', evidence: { ...evidence } })),
    ...(drained ? [] : [{ kind: 'not_drained', evidence: {} } satisfies Finding]),
    ...[...load.crashes, ...keeper.crashes].map((what): Finding => ({ kind: 'crashed_processes', evidence: { what } })),
  ];
  const keepsFolder = keep || findings.length > 0;
  if (keepsFolder) keepEvidence(services, { findings, outcomes: load.outcomes, before: before.attempts });
  return {
    seed,
    commit: readCommit(),
    accepted: requests.accepted,
    ok: requests.ok,
    extraCalls: money.extraCalls,
    unknownAttempts: money.unknownAttempts,
    differenceBeforeNanoUsd: money.differenceBeforeNanoUsd,
    kills: countActs(havoc.acts),
    notRun: havoc.notRun,
    billNanoUsd: money.billNanoUsd,
    ledgerNanoUsd: sums.ledger,
    rollUpNanoUsd: sums.dailyCost,
    resumesMs: measureResumes(keeper.deaths, after.workers, before.attempts),
    redispatchMs: havoc.redispatchMs,
    evidenceFolder: keepsFolder ? services.folder : null,
    refusals: load.outcomes.reduce((sum, { refusals }) => sum + refusals, 0),
    findings,
  };
}

/** What is needed to find the cause: the data of Postgres, the bill, the log of all processes, and what the lab itself saw. */
function keepEvidence(services: Services, evidence: object): void {
  services.keepFolder();
  writeFileSync(path.join(services.folder, 'evidence.json'), JSON.stringify(evidence, bigintAsText, 2));
}

function readCommit(): string {
  const { status, stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' });
  return status === 0 ? stdout.trim() : 'unknown';
}
