import type { Difficulty, Json } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

/** A curated example with its answer, as an export reads it. */
export interface TrainingRow {
  readonly memoryId: string;
  readonly promptKey: string;
  readonly exampleKey: string;
  readonly requestType: string;
  readonly prompt: string;
  readonly options: Readonly<Record<string, Json>>;
  readonly completion: string;
  /** The newest answer to the same request that was turned down. */
  readonly rejected: string | null;
  readonly rating: number | null;
  readonly weight: number;
  readonly difficulty: Difficulty | null;
  readonly tags: readonly string[];
}

export interface TrainingRowFilter {
  readonly minRating: number;
  readonly verifiedOnly: boolean;
  readonly simulated: boolean;
  /** null = all. */
  readonly requestTypes: readonly string[] | null;
  readonly withRejected: boolean;
}

/** Small enough that the texts of a page never matter for memory. */
const PAGE = 250;

const COLUMNS = `m.id as "memoryId", t.prompt_key as "promptKey", t.example_key as "exampleKey", m.request_type as "requestType",
  m.prompt_text as prompt, m.prompt_options as options, m.generated_text as completion, m.user_rating::float8 as rating,
  t.training_weight::float8 as weight, t.difficulty_label as difficulty, t.subject_tags as tags`;
const REJECTED = `(select r.generated_text from ai_memory r where r.prompt_hash = m.prompt_hash and r.scope = m.scope and r.simulated = m.simulated
  and r.verdict = 'rejected' and r.id <> m.id and r.generated_text <> '' order by r.created_at desc, r.id desc limit 1)`;

// The lateral sub-select with its limit forces the examples' index and one look-up per example, whatever the statistics say.
// Verdict and rating are looked up in memory itself: what was rejected a second ago is not exported, whatever the examples' rows say.
function pageStatement(withRejected: boolean): Statement {
  return {
    name: withRejected ? 'training_page_pairs' : 'training_page',
    text: `select ${COLUMNS}, ${withRejected ? REJECTED : 'null'} as rejected
      from ai_training_data t cross join lateral (select * from ai_memory o where o.id = t.memory_item limit 1) m
      where (t.prompt_key, t.example_key, t.memory_item) > ($1, $2, $3::uuid)
        and m.kind = 'text' and m.scope = 'shared' and m.simulated = $4 and m.generated_text <> '' and m.verdict not in ('rejected', 'stale')
        and ((m.is_verified_good and m.use_for_training and (m.rating_count = 0 or m.user_rating >= $5))
          or (not $6 and t.declined_at is null and m.is_current and m.rating_count > 0 and m.user_rating >= $5))
        and ($7::text[] is null or m.request_type = any($7))
      order by t.prompt_key, t.example_key, t.memory_item limit ${PAGE}`,
  };
}

/** Reads the examples that pass the filter in the order of their keys, page by page: no transaction stays open while somebody reads slowly. */
export async function* readTrainingRows(database: Database, filter: TrainingRowFilter): AsyncGenerator<TrainingRow> {
  const statement = pageStatement(filter.withRejected);
  let after: readonly [string, string, string] = ['', '', '00000000-0000-0000-0000-000000000000'];
  for (;;) {
    const rows = await database.query<TrainingRow>(statement, [
      ...after,
      filter.simulated,
      filter.minRating,
      filter.verifiedOnly,
      filter.requestTypes,
    ]);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = [last.promptKey, last.exampleKey, last.memoryId];
  }
}
