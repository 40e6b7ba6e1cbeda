import { evaluateModel, EvaluationLeft } from '@ai-core/flywheel';
import { claimEvaluation, extendEvaluation, type ClaimedEvaluation } from '@ai-core/store';
import type { Services } from '../services.ts';

/** How long an evaluation whose process has gone silent is left alone, in seconds; every answer extends it. */
const LEASE_S = 300;
/** What each process is evaluating: the house-keeping goes on meanwhile. */
const underWay = new WeakSet<Services>();

async function evaluate(services: Services, claimed: ClaimedEvaluation): Promise<void> {
  const { database, log, isStopping } = services;
  const { id, version } = claimed;
  try {
    const { gate, reasons } = await evaluateModel({
      ...claimed,
      database,
      aiCore: await services.aiCoreFor(claimed.simulated),
      isStopping,
      onProgress: () => void extendEvaluation(database, id, LEASE_S).catch(() => undefined),
    });
    log.info({ version, gate, reasons }, 'a model was evaluated, as somebody had asked');
  } catch (error) {
    if (error instanceof EvaluationLeft) await extendEvaluation(database, id, 0).catch(() => undefined);
    else log.warn({ err: error, version }, 'a model could not be evaluated');
  } finally {
    underWay.delete(services);
  }
}

/** Begins the next evaluation somebody has asked for, one at a time in each process. */
export async function evaluateRequested(services: Services): Promise<void> {
  if (underWay.has(services) || services.isStopping()) return;
  const claimed = await claimEvaluation(services.database, services.workerId(), LEASE_S);
  if (claimed === null) return;
  underWay.add(services);
  void evaluate(services, claimed);
}
