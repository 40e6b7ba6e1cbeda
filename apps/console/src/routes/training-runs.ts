import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { AiCoreError, TIERS } from '@ai-core/core';
import { deployModel, findIncumbent } from '@ai-core/flywheel';
import {
  findTrainingRun,
  listEvaluations,
  listExperiments,
  listTrainingRuns,
  markModelAnswersStale,
  requestEvaluation,
  rollBackOwnModel,
  type TrainingRun,
} from '@ai-core/store';
import type { ConsoleServices } from '../console-services.ts';
import { actOf, FlagSchema, parseInput } from './api-parts.ts';
import { readDocument } from '../read-document.ts';

const Query = z.object({ simulated: FlagSchema.default(false) });
const Params = z.object({ version: z.string().min(1).max(64) });
const EvaluateBody = z.object({
  against: z.object({ provider: z.string().min(1).max(60), model: z.string().min(1).max(200) }).optional(),
  validation: z.number().int().min(0).max(2_000).default(200),
  recent: z.number().int().min(0).max(2_000).default(100),
});
const DeployBody = z.object({
  share: z.number().int().min(1).max(100).default(10),
  tier: z.enum(TIERS).default('cheap'),
  force: z.boolean().default(false),
});
const RollBackBody = z.object({
  simulated: z.boolean(),
  because: z.string().trim().min(1).max(500),
  markStale: z.boolean().default(false),
});

/** What ends in a list: neither the fence nor the events, which can be thousands. */
function toRow(run: TrainingRun): object {
  const { events, curve, fence, submitting_for_ms: _, ...shown } = run;
  return { ...shown, id: run.model_version, runId: run.id, events: events.length, hasCurve: curve.length > 0, step: fence };
}

async function findRun({ database }: ConsoleServices, params: unknown): Promise<TrainingRun> {
  const run = await findTrainingRun(database, parseInput(Params, params).version);
  if (run === null) throw new AiCoreError('NOT_FOUND', 'no training run has made a model of this version');
  return run;
}

/** Models of one's own: how they were trained, how good they are, and whether they serve. The same code as the command's verbs. */
export function registerTrainingRuns(app: FastifyInstance, services: ConsoleServices): void {
  const { database, objects } = services;

  app.get('/api/training-runs', async (request) => {
    const runs = await listTrainingRuns(database, parseInput(Query, request.query).simulated, 200);
    return { rows: runs.map(toRow), next: null };
  });

  app.get('/api/training-runs/:version', async (request) => {
    const run = await findRun(services, request.params);
    const { model_version: version, simulated, dataset_manifest: manifest } = run;
    return {
      ...toRow(run),
      events: run.events,
      curve: run.curve,
      evaluations: await listEvaluations(database, version),
      canaries: await listExperiments(database, { simulated, kind: 'canary', candidate: version, limit: 10 }),
      manifest: manifest === null || objects === null ? null : await readDocument(objects, manifest),
    };
  });

  app.post('/api/training-runs/:version/evaluate', async (request) => {
    const { model_version: version } = await findRun(services, request.params);
    const { against, ...most } = parseInput(EvaluateBody, request.body);
    const id = await requestEvaluation(actOf(services, request), {
      version,
      against: against ?? (await findIncumbent(database, version)),
      ...most,
    });
    return { done: 1, id };
  });

  app.post('/api/training-runs/:version/deploy', async (request) => {
    const { model_version: version } = await findRun(services, request.params);
    const act = actOf(services, request);
    const deployed = await deployModel(database, { version, ...parseInput(DeployBody, request.body), by: act.actor });
    await act.announce().catch(() => undefined);
    return { done: 1, ...deployed };
  });

  app.post('/api/own-model/rollback', async (request) => {
    const { simulated, because, markStale } = parseInput(RollBackBody, request.body);
    const act = actOf(services, request);
    const { version, now } = await rollBackOwnModel(database, { simulated, because, by: act.actor });
    const stale = markStale ? await markModelAnswersStale(database, version) : 0;
    await act.announce().catch(() => undefined);
    return { done: 1, version, now, stale };
  });
}
