import { AiCoreError, DIFFICULTIES, toTag, type Difficulty } from '@ai-core/core';
import { recordChange } from './audit-log.ts';
import type { Database, Statement } from './database.ts';

/** One curated example as people see it in a list. */
export interface TrainingDataRow {
  readonly id: string;
  readonly memoryId: string;
  readonly requestType: string;
  readonly provider: string;
  readonly model: string;
  readonly userRating: number | null;
  readonly ratingCount: number;
  readonly usageCount: number;
  readonly trainingWeight: number;
  readonly difficulty: Difficulty | null;
  readonly tags: readonly string[];
  readonly humanVerified: boolean;
  readonly verifiedBy: string | null;
  /** Why it was suggested; null = a person chose it. */
  readonly suggestedBecause: string | null;
  readonly declined: boolean;
  readonly includedInTraining: boolean;
  readonly trainingBatchId: string | null;
  readonly split: 'train' | 'validation';
  readonly simulated: boolean;
  readonly createdAt: string;
}

export const TRAINING_LISTS = ['suggested', 'verified', 'declined'] as const;
/** suggested: waits for a person. verified: will be exported. declined: a person said no to the suggestion. */
export type TrainingList = (typeof TRAINING_LISTS)[number];

export const TRAINING_CONDITIONS = {
  suggested: `not t.human_verified and t.declined_at is null and t.suggested_because is not null and m.verdict = 'none' and m.is_current`,
  verified: 't.human_verified',
  declined: 't.declined_at is not null',
} as const satisfies Record<TrainingList, string>;

export const TRAINING_ROW = `jsonb_build_object('id', t.id, 'memoryId', m.id, 'requestType', m.request_type, 'provider', m.provider, 'model', m.model,
  'userRating', m.user_rating, 'ratingCount', m.rating_count, 'usageCount', m.usage_count, 'trainingWeight', t.training_weight,
  'difficulty', t.difficulty_label, 'tags', t.subject_tags, 'humanVerified', t.human_verified, 'verifiedBy', t.verified_by,
  'suggestedBecause', t.suggested_because, 'declined', t.declined_at is not null, 'includedInTraining', t.included_in_training,
  'trainingBatchId', t.training_batch_id, 'split', t.split, 'simulated', m.simulated, 'createdAt', t.created_at)`;

function listStatement(list: TrainingList): Statement {
  return {
    name: `training_list_${list}`,
    text: `select ${TRAINING_ROW} as row from ai_training_data t join ai_memory m on m.id = t.memory_item
      where ${TRAINING_CONDITIONS[list]} and m.simulated = $1 and ($2::uuid is null or t.id > $2)
        and ($4::text is null or m.request_type = $4) and ($5::text is null or t.difficulty_label = $5) and ($6::text is null or $6 = any(t.subject_tags))
        and ($7::text is null or t.split = $7) order by t.id limit $3`,
  };
}

export interface TrainingListQuestion {
  readonly list: TrainingList;
  readonly simulated: boolean;
  readonly requestType?: string | undefined;
  readonly difficulty?: Difficulty | undefined;
  readonly tag?: string | undefined;
  readonly split?: TrainingDataRow['split'] | undefined;
  /** Id of the last row of the page before. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** One page of the training data, in order of ids. */
export async function listTrainingData(database: Database, question: TrainingListQuestion): Promise<TrainingDataRow[]> {
  const rows = await database.query<{ row: TrainingDataRow }>(listStatement(question.list), [
    question.simulated,
    question.after ?? null,
    question.limit ?? 50,
    ...[question.requestType, question.difficulty, question.tag, question.split].map((value) => value ?? null),
  ]);
  return rows.map(({ row }) => row);
}

export interface TrainingCounts {
  readonly verified: number;
  readonly suggested: number;
  readonly validation: number;
  readonly included: number;
  /** Verified answers with an answer to the same request that was turned down. */
  readonly pairs: number;
  /** Verified answers to a question that has another one: an export takes the better of them. */
  readonly duplicates: number;
  /** Prompts with verified answers on both sides; an export refuses to be written then. */
  readonly leaks: number;
}

const COUNT: Statement = {
  name: 'training_counts',
  text: `select count(*) filter (where ${TRAINING_CONDITIONS.verified})::integer as verified,
      count(*) filter (where ${TRAINING_CONDITIONS.suggested})::integer as suggested,
      count(*) filter (where ${TRAINING_CONDITIONS.verified} and t.split = 'validation')::integer as validation,
      count(*) filter (where ${TRAINING_CONDITIONS.verified} and t.included_in_training)::integer as included,
      count(*) filter (where ${TRAINING_CONDITIONS.verified} and exists (select from ai_memory r where r.prompt_hash = m.prompt_hash
        and r.scope = m.scope and r.simulated = m.simulated and r.verdict = 'rejected'))::integer as pairs,
      (count(*) filter (where ${TRAINING_CONDITIONS.verified}) - count(distinct t.example_key) filter (where ${TRAINING_CONDITIONS.verified}))::integer as duplicates,
      (count(distinct (t.prompt_key, t.split)) filter (where ${TRAINING_CONDITIONS.verified})
        - count(distinct t.prompt_key) filter (where ${TRAINING_CONDITIONS.verified}))::integer as leaks
    from ai_training_data t join ai_memory m on m.id = t.memory_item where m.simulated = $1`,
};

/** How much there is to train with. */
export async function countTrainingData(database: Database, simulated: boolean): Promise<TrainingCounts> {
  const [row] = await database.query<TrainingCounts>(COUNT, [simulated]);
  return row ?? { verified: 0, suggested: 0, validation: 0, included: 0, pairs: 0, duplicates: 0, leaks: 0 };
}

export interface TrainingEdit {
  readonly id: string;
  /** Above 0, at most 100. */
  readonly weight?: number | undefined;
  readonly difficulty?: Difficulty | null | undefined;
  readonly tags?: readonly string[] | undefined;
  /** true: this suggestion is not wanted; false: it may be suggested again. */
  readonly declined?: boolean | undefined;
  readonly editedBy: string;
}

const EDIT = `update ai_training_data set
    training_weight = coalesce($2::numeric, training_weight),
    difficulty_label = case when $3::boolean then $4 else difficulty_label end,
    subject_tags = coalesce($5::text[], subject_tags),
    declined_at = case $6::boolean when true then coalesce(declined_at, clock_timestamp()) when false then null else declined_at end,
    declined_by = case $6::boolean when true then $7 when false then null else declined_by end,
    edited = array(select distinct unnest(edited || $8::text[])), updated_at = clock_timestamp()
  where id = $1 returning id`;

function checkEdit({ weight, difficulty, tags }: TrainingEdit): void {
  if (weight !== undefined && !(weight > 0 && weight <= 100)) {
    throw new AiCoreError('REQUEST_INVALID', 'a training weight is a number above 0 and at most 100; 1 is ordinary, 2 counts double');
  }
  if (difficulty != null && !DIFFICULTIES.includes(difficulty)) {
    throw new AiCoreError('REQUEST_INVALID', `a difficulty is one of ${DIFFICULTIES.join(', ')}`);
  }
  if (tags !== undefined && tags.length > 32) throw new AiCoreError('REQUEST_INVALID', 'an example has at most 32 tags');
}

/**
 * Corrects the labels of one example; what a person has set is never overwritten by automatic labels. Written to the audit log.
 * @throws REQUEST_INVALID for values out of range, NOT_FOUND when there is no such example
 */
export async function editTrainingData(database: Database, edit: TrainingEdit): Promise<void> {
  checkEdit(edit);
  const { weight, difficulty, tags } = edit;
  const fields = { training_weight: weight, difficulty_label: difficulty, subject_tags: tags };
  const edited = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const before = await database.transaction(async (client) => {
    const { rows } = await client.query<Record<string, unknown>>(
      'select training_weight, difficulty_label, subject_tags, declined_at is not null as declined from ai_training_data where id = $1 for update',
      [edit.id],
    );
    if (rows[0] === undefined) throw new AiCoreError('NOT_FOUND', `there is no training example ${edit.id}`);
    await client.query(EDIT, [
      edit.id,
      weight ?? null,
      difficulty !== undefined,
      difficulty ?? null,
      tags === undefined ? null : [...new Set(tags.map(toTag).filter((tag) => tag !== ''))].toSorted(),
      edit.declined ?? null,
      edit.editedBy,
      edited,
    ]);
    return rows[0];
  });
  await recordChange(database, {
    actor: edit.editedBy,
    action: 'training-data.edited',
    subject: edit.id,
    before,
    after: { ...fields, declined: edit.declined },
  });
}
