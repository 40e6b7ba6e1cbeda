import { AiCoreError, CANARY_SHARES, type Tier } from '@ai-core/core';
import { deployOwnModel, findTrainingRun, listEvaluations, type Database } from '@ai-core/store';

export interface DeployOrder {
  readonly version: string;
  /** Percent of the traffic to begin with; default 10. */
  readonly share?: number | undefined;
  readonly tier?: Tier | undefined;
  /** The candidate's scores between two looks; default 200, for which the errors of the test are stated. */
  readonly scoresPerLook?: number | undefined;
  /** Although its gate is closed, or it was never evaluated. */
  readonly force?: boolean | undefined;
  readonly by: string;
}

const DEFAULT_SCORES_PER_LOOK = 200;

/**
 * Puts an evaluated model into service with a share of its tier's traffic.
 * @returns what it replaces, once it has all the traffic; null = no own model
 * @throws FORBIDDEN when the gate has refused it or it was not evaluated; NOT_FOUND, REQUEST_INVALID as deployOwnModel()
 */
export async function deployModel(
  database: Database,
  order: DeployOrder,
): Promise<{ readonly previous: string | null; readonly share: number }> {
  const share = order.share ?? CANARY_SHARES[0];
  if (!Number.isInteger(share) || share < 1 || share > 100)
    throw new AiCoreError('REQUEST_INVALID', 'a share is a whole number from 1 to 100 percent');
  if ((await findTrainingRun(database, order.version)) === null)
    throw new AiCoreError('NOT_FOUND', `no training run has made the version ${order.version}`);
  const last = (await listEvaluations(database, order.version)).find(({ state }) => state === 'done');
  if (last?.gate !== 'passed' && order.force !== true) {
    const reasons = last?.report?.reasons.join('; ') ?? '';
    throw new AiCoreError(
      'FORBIDDEN',
      last === undefined
        ? `${order.version} has not been evaluated; run \`ai-core evaluate ${order.version}\` first`
        : `the quality gate has refused ${order.version}: ${reasons}`,
    );
  }
  if (last === undefined)
    throw new AiCoreError('FORBIDDEN', `${order.version} has not been evaluated: nothing says what to compare it with`);
  const { previous } = await deployOwnModel(database, {
    version: order.version,
    share,
    tier: order.tier ?? 'cheap',
    against: last.against,
    scoresPerLook: order.scoresPerLook ?? DEFAULT_SCORES_PER_LOOK,
    by: order.by,
  });
  return { previous, share };
}
