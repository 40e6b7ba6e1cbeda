import type { Look } from '@ai-core/core';
import type { Database, Statement } from './database.ts';
import type { NamedModel } from './evaluations.ts';

/** A comparison of two models in traffic: `ab` by people's choice, `canary` while an own model is being put into service. */
export interface ExperimentSummary {
  readonly name: string;
  readonly kind: 'ab' | 'canary';
  readonly state: 'running' | 'promoted' | 'rolled_back' | 'stopped';
  /** Empty = all. */
  readonly requestTypes: readonly string[];
  readonly control: NamedModel;
  readonly candidate: NamedModel;
  readonly candidateShare: number;
  readonly looks: readonly (Look & { readonly stage: string; readonly because: string })[];
  readonly decidedBecause: string | null;
  readonly requestedBy: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
}

const LIST: Statement = {
  name: 'experiment_list',
  text: `select jsonb_build_object('name', name, 'kind', kind, 'state', state, 'requestTypes', request_types,
      'control', jsonb_build_object('provider', control_provider, 'model', control_model),
      'candidate', jsonb_build_object('provider', candidate_provider, 'model', candidate_model), 'candidateShare', candidate_share, 'looks', looks,
      'decidedBecause', decided_because, 'requestedBy', requested_by, 'startedAt', started_at, 'finishedAt', finished_at) as experiment
    from ai_experiment where simulated = $1 and ($2::text is null or kind = $2) and ($3::text is null or candidate_model = $3)
    order by started_at desc limit $4`,
};

export interface ExperimentQuestion {
  readonly simulated: boolean;
  readonly kind?: 'ab' | 'canary' | undefined;
  /** Model name of the candidate. */
  readonly candidate?: string | undefined;
  readonly limit?: number | undefined;
}

/** Newest first. */
export async function listExperiments(database: Database, question: ExperimentQuestion): Promise<ExperimentSummary[]> {
  const { simulated, kind = null, candidate = null, limit = 50 } = question;
  const rows = await database.query<{ experiment: ExperimentSummary }>(LIST, [simulated, kind, candidate, limit]);
  return rows.map(({ experiment }) => experiment);
}
