import { evaluateModel } from '@ai-core/flywheel';
import { listEvaluations, listTrainingRuns } from '@ai-core/store';
import type { Services } from '../services.ts';

const MONDAY = 1;

/** Each Monday compares the own model in service with the one it was compared with before; the gate's word is kept for people, who decide. */
export async function evaluateOwnModel(services: Services, day: string): Promise<void> {
  if (new Date(day).getUTCDay() !== MONDAY) return;
  const { database, log } = services;
  for (const simulated of [false, true]) {
    const active = (await listTrainingRuns(database, simulated)).find((run) => run.is_active);
    const last = active === undefined ? undefined : (await listEvaluations(database, active.model_version)).at(0);
    if (active === undefined || last === undefined) continue;
    const { gate, reasons } = await evaluateModel({
      database,
      aiCore: await services.aiCoreFor(simulated),
      version: active.model_version,
      against: last.against,
      simulated,
      requestedBy: 'weekly',
      validation: 60,
      recent: 40,
    });
    log.info({ version: active.model_version, gate, reasons }, 'the own model in service is evaluated');
  }
}
