/** Evaluations that somebody has asked for: written down here, done by a worker with the maintenance role. */
import { AiCoreError } from '@ai-core/core';
import { perform, type Act } from './act.ts';
import type { Database, Statement } from './database.ts';
import type { NamedModel } from './evaluations.ts';
import { OWN_PROVIDER } from './own-models.ts';

export interface EvaluationRequest {
  readonly version: string;
  readonly against: NamedModel;
  /** Most validation examples, and most prompts of everyday traffic. */
  readonly validation: number;
  readonly recent: number;
}

export interface ClaimedEvaluation extends EvaluationRequest {
  readonly id: string;
  readonly simulated: boolean;
  readonly requestedBy: string;
}

const ASK = `insert into ai_evaluation (model_version, candidate_provider, candidate_model, against_provider, against_model, simulated, state, settings, requested_by)
    select r.model_version, '${OWN_PROVIDER}', r.model_version, $2, $3, r.simulated, 'pending', $4::jsonb, $5 from ai_model_training_run r
    where r.model_version = $1 returning id`;
const OPEN = `select r.status, exists (select from ai_evaluation e where e.model_version = r.model_version and (e.state = 'pending'
    or (e.state = 'running' and e.lease_until > clock_timestamp()))) as is_open
  from ai_model_training_run r where r.model_version = $1 for update of r`;
const FINISHED: ReadonlySet<string> = new Set(['completed', 'deployed', 'rolled_back']);

/**
 * Asks for an evaluation; one at a time of each version.
 * @returns its id
 * @throws NOT_FOUND without a training run of this version; REQUEST_INVALID when the model is not finished, or an evaluation is under way
 */
export async function requestEvaluation(act: Act, request: EvaluationRequest): Promise<string> {
  const { version, against, validation, recent } = request;
  return perform(act, async ({ client, record }) => {
    const run = (await client.query<{ status: string; is_open: boolean }>(OPEN, [version])).rows[0];
    if (run === undefined) throw new AiCoreError('NOT_FOUND', `no training run has made the version ${version}`);
    if (!FINISHED.has(run.status))
      throw new AiCoreError('REQUEST_INVALID', `the training run of ${version} is ${run.status}; only a finished model can be evaluated`);
    if (run.is_open) throw new AiCoreError('REQUEST_INVALID', `an evaluation of ${version} is under way already`);
    const settings = JSON.stringify({ validation, recent });
    const { rows } = await client.query<{ id: string }>(ASK, [version, against.provider, against.model, settings, act.actor]);
    await record({ action: 'own-model.evaluation-asked', subject: version, after: { against, validation, recent } });
    return rows[0]?.id ?? '';
  });
}

// One whose worker has gone silent is done anew; what it had bought is remembered.
const CLAIM: Statement = {
  name: 'evaluation_claim',
  text: `with claimed as (
      update ai_evaluation e set state = 'running', worker_id = $1, lease_until = clock_timestamp() + make_interval(secs => $2),
        started_at = clock_timestamp(), updated_at = clock_timestamp()
      where e.id = (select c.id from ai_evaluation c where c.state = 'pending' or (c.state = 'running' and c.lease_until < clock_timestamp())
        order by c.created_at for update skip locked limit 1)
      returning e.*), cleared as (delete from ai_evaluation_item i using claimed c where i.evaluation_id = c.id)
    select c.id, c.model_version as version, jsonb_build_object('provider', c.against_provider, 'model', c.against_model) as against, c.simulated,
      c.requested_by as "requestedBy", coalesce((c.settings ->> 'validation')::integer, 200) as validation,
      coalesce((c.settings ->> 'recent')::integer, 100) as recent from claimed c`,
};

/** Takes an evaluation that waits, or whose worker is gone. @param leaseS how long nobody else takes it when this process goes silent, in seconds */
export async function claimEvaluation(database: Database, workerId: string, leaseS: number): Promise<ClaimedEvaluation | null> {
  const [row] = await database.query<ClaimedEvaluation>(CLAIM, [workerId, leaseS]);
  return row ?? null;
}

const EXTEND: Statement = {
  name: 'evaluation_extend',
  text: `update ai_evaluation set lease_until = clock_timestamp() + make_interval(secs => $2) where id = $1 and state = 'running'`,
};

/** Says that an evaluation is still being done. @param leaseS 0 = it is handed back */
export async function extendEvaluation(database: Database, id: string, leaseS: number): Promise<void> {
  await database.query(EXTEND, [id, leaseS]);
}
