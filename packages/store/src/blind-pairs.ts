/** Pairs of answers that people compare without knowing who made which. What they choose goes into the evaluation's report, and its gate decides anew. */
import {
  AiCoreError,
  combineChoices,
  decideGate,
  resolveThresholds,
  type ChosenPair,
  type EvaluationFigures,
  type GateDecision,
  type PairChoice,
} from '@ai-core/core';
import { perform, type Act } from './act.ts';
import type { Database, Statement } from './database.ts';
import { EVALUATION_BASELINE, listQualityGates } from './evaluations.ts';

export interface BlindPair {
  readonly id: string;
  readonly requestType: string;
  readonly prompt: string;
  readonly first: string;
  readonly second: string;
}

/** Which of both answers, as they were shown, is better. */
export const BLIND_CHOICES = ['first', 'second', 'tie'] as const;
export type BlindChoice = (typeof BLIND_CHOICES)[number];

export interface BlindProgress {
  readonly evaluationId: string;
  readonly version: string;
  /** Pairs that can be told apart, and how many of them somebody has chosen in. */
  readonly pairs: number;
  readonly chosen: number;
  readonly gate: 'passed' | 'refused' | null;
}

// Two answers that are the same, or of which one is missing, need nobody to look at them.
const COMPARABLE = `i.candidate_text <> '' and i.against_text <> '' and i.candidate_text <> i.against_text`;
// The newest finished evaluation of each version: older ones decide nothing any more.
const NEWEST = `(select distinct on (model_version) * from ai_evaluation where state = 'done' and simulated = $1 order by model_version, created_at desc)`;
/** Differs from pair to pair and from person to person, stays the same for both, and cannot be told from what a person is shown. */
const isCandidateFirst = (person: string): string =>
  `('x' || substr(md5(i.id::text || i.created_at::text || ${person}::text), 1, 8))::bit(32)::integer % 2 = 0`;

const LIST: Statement = {
  name: 'blind_pairs',
  text: `select i.id, i.request_type as "requestType", i.question ->> 'prompt' as prompt,
      case when ${isCandidateFirst('$2')} then i.candidate_text else i.against_text end as first,
      case when ${isCandidateFirst('$2')} then i.against_text else i.candidate_text end as second
    from ai_evaluation_item i join ${NEWEST} e on e.id = i.evaluation_id
    where i.human is null and ${COMPARABLE} and ($3::text is null or e.model_version = $3) order by md5($2::text || i.id::text) limit $4`,
};

/** Pairs nobody has chosen in yet, in an order of this person's own, so that two people seldom look at the same one. */
export async function listBlindPairs(
  database: Database,
  question: { readonly simulated: boolean; readonly person: string; readonly version?: string | undefined; readonly limit: number },
): Promise<BlindPair[]> {
  const { simulated, person, version = null, limit } = question;
  return database.query<BlindPair>(LIST, [simulated, person, version, limit]);
}

const COUNT: Statement = {
  name: 'blind_progress',
  text: `select e.id as "evaluationId", e.model_version as version, e.gate, count(i.id)::integer as pairs, count(i.human)::integer as chosen
    from ${NEWEST} e left join ai_evaluation_item i on i.evaluation_id = e.id and ${COMPARABLE}
    group by e.id, e.model_version, e.gate, e.created_at order by e.created_at desc`,
};

/** How far people are with each evaluation, newest first. */
export async function countBlindPairs(database: Database, simulated: boolean): Promise<BlindProgress[]> {
  return database.query<BlindProgress>(COUNT, [simulated]);
}

interface Found {
  readonly evaluation_id: string;
  readonly human: PairChoice | null;
  readonly human_by: string | null;
  readonly candidate_first: boolean;
  readonly report: EvaluationFigures | null;
  readonly gate: 'passed' | 'refused' | null;
  readonly version: string;
}

const FIND = `select i.evaluation_id, i.human, i.human_by, ${isCandidateFirst('$2')} as candidate_first, e.report, e.gate, e.model_version as version
  from ai_evaluation_item i join ai_evaluation e on e.id = i.evaluation_id where i.id = $1 and ${COMPARABLE} for update of e`;
const CHOOSE = `update ai_evaluation_item set human = $2, human_by = case when $2::text is not null then $3 end,
    human_at = case when $2::text is not null then clock_timestamp() end where id = $1`;
const CHOSEN = `select judged, human from ai_evaluation_item where evaluation_id = $1 order by place`;
const REPORT = `update ai_evaluation set report = $2::jsonb, gate = $3, updated_at = clock_timestamp() where id = $1`;

function toPairChoice(choice: BlindChoice, candidateFirst: boolean): PairChoice {
  if (choice === 'tie') return 'tie';
  return (choice === 'first') === candidateFirst ? 'candidate' : 'against';
}

/**
 * Writes down what the acting person has chosen; the report and the gate of the evaluation follow at once. Who chose may choose again.
 * @param choice null = the choice is taken back
 * @returns the gate as it is now, with its reasons
 * @throws NOT_FOUND when there is no such pair; REQUEST_INVALID when somebody else has chosen, or the evaluation has not ended
 */
export async function chooseBlind(act: Act, pairId: string, choice: BlindChoice | null): Promise<GateDecision> {
  const limits = resolveThresholds(await listQualityGates(act.database));
  return perform(act, async ({ client, record }) => {
    const found = (await client.query<Found>(FIND, [pairId, act.actor])).rows[0];
    if (found === undefined) throw new AiCoreError('NOT_FOUND', 'there is no such pair of answers to compare');
    if (found.report === null) throw new AiCoreError('REQUEST_INVALID', 'the evaluation of this pair has not ended');
    if (found.human !== null && found.human_by !== act.actor)
      throw new AiCoreError('REQUEST_INVALID', 'somebody else has chosen in this pair; go on with the next one');
    const chosen = choice === null ? null : toPairChoice(choice, found.candidate_first);
    await client.query(CHOOSE, [pairId, chosen, act.actor]);
    const { rows } = await client.query<ChosenPair>(CHOSEN, [found.evaluation_id]);
    const figures: EvaluationFigures = { ...found.report, ...combineChoices(rows) };
    const decision = decideGate(figures, limits);
    await client.query(REPORT, [found.evaluation_id, JSON.stringify({ ...figures, reasons: decision.reasons }), decision.gate]);
    await client.query({ ...EVALUATION_BASELINE, values: [found.evaluation_id] });
    await record({
      action: 'evaluation.chosen',
      subject: `${found.version} ${pairId}`,
      before: { choice: found.human, gate: found.gate },
      after: { choice: chosen, gate: decision.gate },
    });
    return decision;
  });
}
