import { AiCoreError } from '@ai-core/core';
import { findEnvironmentFaults } from '@ai-core/runtime';
import {
  checkInvariants,
  checkRollUp,
  compareObjects,
  listEndingModels,
  loadCatalogueSnapshot,
  measureClockOffsetMs,
  openObjects,
  type Database,
  type Objects,
} from '@ai-core/store';
import { EXIT } from '../exit-codes.ts';
import { nameQueueService, reachQueue } from '../reach-queue.ts';
import type { Connection, Verb } from '../verb.ts';

export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string;
}

const MOST_CLOCK_OFFSET_MS = 5_000;

async function checkServices(connection: Connection): Promise<Finding[]> {
  const { database } = connection;
  const findings: Finding[] = [{ check: 'postgres', ok: true, detail: 'reachable' }];
  const offsetMs = await measureClockOffsetMs(database);
  findings.push({
    check: 'clock',
    ok: Math.abs(offsetMs) <= MOST_CLOCK_OFFSET_MS,
    detail: `this machine is ${Math.round(offsetMs)} ms off the database's clock`,
  });
  findings.push(await checkQueue(connection));
  const snapshot = await loadCatalogueSnapshot(database);
  const active = snapshot.configs.filter((config) => config.isActive).length;
  findings.push({
    check: 'configurations',
    ok: active > 0,
    detail: active > 0 ? `${active} active of ${snapshot.configs.length}` : 'none is active; run `ai-core setup-providers`',
  });
  findings.push({
    check: 'circuits',
    ok: snapshot.openCircuits.size === 0,
    detail:
      snapshot.openCircuits.size === 0
        ? 'every provider that is called answers'
        : `open for ${[...snapshot.openCircuits].sort().join(', ')}: it fails, and is tried again by itself`,
  });
  findings.push({
    check: 'workers',
    ok: snapshot.servedQueues.size > 0,
    detail:
      snapshot.servedQueues.size > 0 ? [...snapshot.servedQueues].sort().join(', ') : 'no worker is alive; start one with `npm start`',
  });
  return findings;
}

async function checkQueue(connection: Connection): Promise<Finding> {
  try {
    const waiting = await reachQueue(connection);
    return { check: 'queue', ok: true, detail: `on ${nameQueueService(connection)}, ${waiting} waiting` };
  } catch (error) {
    return { check: 'queue', ok: false, detail: AiCoreError.from(error).reason };
  }
}

/** An MP3 without a row goes a day after it was written, at the next daily run. */
const ORPHAN_AFTER_MS = 50 * 3_600_000;

async function compareSounds(database: Database, objects: Objects): Promise<Finding[]> {
  let orphans = 0;
  let danglings = 0;
  for await (const difference of compareObjects(database, objects)) {
    if (difference.kind === 'dangling') danglings++;
    else if (Date.now() - difference.object.modifiedAt.getTime() > ORPHAN_AFTER_MS) orphans++;
  }
  return [
    {
      check: 'every-row-has-its-mp3',
      ok: danglings === 0,
      detail:
        danglings === 0
          ? 'holds'
          : `${danglings} remembered answers have lost their MP3 or it has another size; the next request makes them anew`,
    },
    {
      check: 'every-mp3-has-a-row',
      ok: orphans === 0,
      detail:
        orphans === 0 ? 'holds' : `${orphans} MP3s of more than two days have no row; does a maintenance worker with the object store run?`,
    },
  ];
}

async function checkObjects({ database, s3 }: Connection): Promise<Finding[]> {
  if (s3 === undefined) return [{ check: 'object store', ok: true, detail: 'none is set up; speech is refused' }];
  const objects = openObjects(s3);
  try {
    await objects.ping();
    return [{ check: 'object store', ok: true, detail: `bucket ${s3.bucket} is reachable` }, ...(await compareSounds(database, objects))];
  } catch (error) {
    return [{ check: 'object store', ok: false, detail: AiCoreError.from(error).reason }];
  } finally {
    objects.close();
  }
}

async function checkLedger(database: Database): Promise<Finding[]> {
  const invariants = await checkInvariants(database);
  const rollUp = await checkRollUp(database);
  return [
    ...invariants.map((result) => ({
      check: result.name,
      ok: result.broken === 0,
      detail: result.broken === 0 ? 'holds' : `${result.broken} times: ${result.meaning}`,
    })),
    {
      check: 'daily-tables-equal-usage-log',
      ok: rollUp.differences.length === 0,
      detail:
        rollUp.differences.length === 0
          ? `${rollUp.checkedDays} days recounted`
          : `${rollUp.differences.length} days differ; see \`ai-core rollup --check\``,
    },
  ];
}

/** Warnings: what ends is known in time, and nothing is broken yet. */
async function checkLifecycles(database: Database): Promise<Finding[]> {
  const ending = await listEndingModels(database);
  if (ending.length === 0) return [{ check: 'lifecycle', ok: true, detail: 'no model in use ends within 60 days' }];
  return ending.map((model) => {
    const when =
      model.shutdownDate === null
        ? 'is not listed by its vendor any more'
        : `ends on ${model.shutdownDate}, in ${model.daysLeft ?? 0} days`;
    const next = model.successor === null ? 'nothing is known to take its place' : `${model.successor} can take its place`;
    const advice =
      model.successor === null || model.successorIsActive ? '' : `; \`ai-core providers add ${model.successor.replace('/', ' ')}\``;
    return { check: 'lifecycle', ok: true, detail: `WARNING ${model.provider}/${model.modelName} ${when}; ${next}${advice}` };
  });
}

function checkEnvironment(): Finding[] {
  const wrong = findEnvironmentFaults();
  return [
    { check: 'environment', ok: wrong.length === 0, detail: wrong.length === 0 ? 'every variable is known and right' : wrong.join('; ') },
  ];
}

export const doctor: Verb = {
  declare: (program, run) =>
    program
      .command('doctor')
      .description('check every service and every invariant of the ledger')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ output, connect }) => {
          const connection = await connect();
          const findings = [
            ...checkEnvironment(),
            ...(await checkServices(connection)),
            ...(await checkLifecycles(connection.database)),
            ...(await checkObjects(connection)),
            ...(await checkLedger(connection.database)),
          ];
          const broken = findings.filter((finding) => !finding.ok).length;
          output.result({ ok: broken === 0, findings }, [
            ...findings.map((finding) => `${finding.ok ? 'ok  ' : 'FAIL'}  ${finding.check}: ${finding.detail}`),
            broken === 0 ? 'all is well' : `${broken} of ${findings.length} checks failed`,
          ]);
          return broken === 0 ? EXIT.ok : EXIT.failed;
        }),
      ),
};
