import type { Database, Statement } from './database.ts';
import { holdsPersonalData } from './export-training.ts';
import { TRAINING_CONDITIONS, TRAINING_ROW, type TrainingDataRow } from './training-data.ts';

/** A suggestion with what a person has to read to decide on it. */
export interface TrainingSuggestion extends TrainingDataRow {
  readonly prompt: string;
  readonly answer: string;
  /** Verified answers to the same question: only the best of them is exported. */
  readonly doubles: number;
  /** True: the same prompt is verified on the other side, training or validation. */
  readonly leaks: boolean;
  /** True: personal data was found that redaction has not taken out; an export leaves the example out. */
  readonly hasPersonalData: boolean;
}

type Row = Omit<TrainingSuggestion, 'hasPersonalData'>;

const REVIEW: Statement = {
  name: 'training_review',
  text: `select ${TRAINING_ROW} || jsonb_build_object('prompt', m.prompt_text, 'answer', m.generated_text,
      'doubles', (select count(*) from ai_training_data d where d.prompt_key = t.prompt_key and d.example_key = t.example_key and d.id <> t.id and d.human_verified),
      'leaks', exists (select from ai_training_data d where d.prompt_key = t.prompt_key and d.split <> t.split and d.human_verified)) as row
    from ai_training_data t join ai_memory m on m.id = t.memory_item
    where ${TRAINING_CONDITIONS.suggested} and m.simulated = $1 order by m.usage_count desc, t.id limit $2`,
};

/** What waits for a person, the most reused answers first: there a verdict is worth most. */
export async function listTrainingReview(database: Database, simulated: boolean, limit: number): Promise<TrainingSuggestion[]> {
  const rows = await database.query<{ row: Row }>(REVIEW, [simulated, limit]);
  return rows.map(({ row }) => ({ ...row, hasPersonalData: holdsPersonalData([row.prompt, row.answer]) }));
}
