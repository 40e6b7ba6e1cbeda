import { labelExample, splitOf, toTrainingQuestion, TRAINING_RULES_VERSION, trainingKeys, type Json } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

/** Share of the prompts that are kept for validation where nobody says otherwise. */
export const DEFAULT_VALIDATION_SHARE = 0.1;
/** Least number of reuses and least average rating with which an answer is suggested for training. */
const SUGGEST_FROM = { uses: 3, rating: 4 } as const;
const PAGE = 500;

interface CollectedRow {
  id: string;
  request_type: string;
  prompt_text: string;
  prompt_options: Record<string, Json>;
  suggested: boolean;
}

const COLUMNS = `m.id, m.request_type, m.prompt_text, m.prompt_options, not m.is_verified_good as suggested`;
/** What only one person may see does not train a model that answers everybody. */
const TRAINABLE = `m.kind = 'text' and m.scope = 'shared' and m.generated_text <> ''`;
const SUGGESTED = `(not m.is_verified_good and m.verdict = 'none' and m.is_current and m.usage_count >= ${SUGGEST_FROM.uses}
  and m.user_rating >= ${SUGGEST_FROM.rating})`;

// The lateral sub-select with its limit forces one index look-up per answer, whatever the statistics say: the table was empty when they were made,
// and a million answers took hours.
const FIND_NEW: Statement = {
  name: 'training_find_new',
  text: `select ${COLUMNS} from ai_memory m
    left join lateral (select d.id, d.rules_version from ai_training_data d where d.memory_item = m.id limit 1) t on true
    where ${TRAINABLE} and ((m.is_verified_good and m.use_for_training) or ${SUGGESTED})
      and (t.id is null or t.rules_version <> $1) and m.id > $2 order by m.id limit $3`,
};
const FIND_NAMED: Statement = {
  name: 'training_find_named',
  text: `select ${COLUMNS} from ai_memory m where m.id = any($1::uuid[]) and ${TRAINABLE} and m.is_verified_good and m.use_for_training order by m.id`,
};
const WRITE: Statement = {
  name: 'training_write',
  text: `insert into ai_training_data (memory_item, difficulty_label, subject_tags, split, prompt_key, example_key, rules_version, suggested_because)
    select x.memory_item, x.difficulty, array(select jsonb_array_elements_text(x.tags)), x.split, x.prompt_key, x.example_key, $2, x.suggested_because
    from jsonb_to_recordset($1::jsonb) as x (memory_item uuid, difficulty text, tags jsonb, split text, prompt_key text, example_key text, suggested_because text)
    on conflict (memory_item) do update set split = excluded.split, prompt_key = excluded.prompt_key, example_key = excluded.example_key,
      difficulty_label = case when 'difficulty_label' = any(ai_training_data.edited) then ai_training_data.difficulty_label else excluded.difficulty_label end,
      subject_tags = case when 'subject_tags' = any(ai_training_data.edited) then ai_training_data.subject_tags else excluded.subject_tags end,
      rules_version = excluded.rules_version, updated_at = clock_timestamp()`,
};
/** Rows say what the verdict of their answer says. */
const FOLLOW_NAMED: Statement = {
  name: 'training_follow_named',
  text: `update ai_training_data t set human_verified = x.good, verified_at = case when x.good then clock_timestamp() end,
      verified_by = case when x.good then $2 end, updated_at = clock_timestamp()
    from (select m.id, m.is_verified_good and m.use_for_training as good from ai_memory m where m.id = any($1::uuid[])) x
    where t.memory_item = x.id and t.human_verified <> x.good`,
};
// Page by page: the million rows of a first collection in one statement took longer than a statement may.
const FOLLOW_PAGE: Statement = {
  name: 'training_follow_page',
  text: `with page as (
      select t.id, t.memory_item, t.human_verified from ai_training_data t where t.memory_item > $1 order by t.memory_item limit $3),
    changed as (
      select p.id, m.good from page p cross join lateral (
        select o.is_verified_good and o.use_for_training as good from ai_memory o where o.id = p.memory_item limit 1) m
      where p.human_verified <> m.good),
    followed as (
      update ai_training_data t set human_verified = c.good, verified_at = case when c.good then clock_timestamp() end,
        verified_by = case when c.good then $2 end, updated_at = clock_timestamp()
      from changed c where t.id = c.id)
    select memory_item as last from page order by memory_item desc limit 1`,
};
const FIRST = '00000000-0000-0000-0000-000000000000';

async function followVerdicts(database: Database, verifiedBy: string): Promise<void> {
  for (let after = FIRST; ;) {
    const [page] = await database.query<{ last: string }>(FOLLOW_PAGE, [after, verifiedBy, 2 * PAGE]);
    if (page === undefined) return;
    after = page.last;
  }
}

function toRow(row: CollectedRow): object {
  const remembered = { requestType: row.request_type, prompt: row.prompt_text, options: row.prompt_options };
  const { promptKey, exampleKey } = trainingKeys(toTrainingQuestion(remembered));
  const { difficulty, tags } = labelExample(remembered);
  return {
    memory_item: row.id,
    difficulty,
    tags,
    split: splitOf(promptKey, DEFAULT_VALIDATION_SHARE),
    prompt_key: promptKey,
    example_key: exampleKey,
    suggested_because: row.suggested
      ? `reused at least ${SUGGEST_FROM.uses} times, rated at least ${SUGGEST_FROM.rating}, never corrected`
      : null,
  };
}

function write(database: Database, rows: readonly CollectedRow[]): Promise<unknown> {
  return database.query(WRITE, [JSON.stringify(rows.map(toRow)), TRAINING_RULES_VERSION]);
}

export interface CollectOptions {
  /** Only these answers, which somebody has just judged; absent = all, and suggestions too. */
  readonly memoryIds?: readonly string[] | undefined;
  /** Who verified what becomes verified now; default: nobody by name. */
  readonly verifiedBy?: string | undefined;
}

/**
 * Brings the training data up to date with memory: a row for every verified text answer that may train, first labels from its request,
 * suggestions of answers that prove themselves in use, and rows of answers that lost their verdict marked as not verified. Safe to call
 * at any time and from several processes; what people have edited stays.
 * @returns how many answers got a row, or got a new one by newer rules
 */
export async function collectTrainingData(database: Database, options: CollectOptions = {}): Promise<{ readonly written: number }> {
  const { memoryIds, verifiedBy = '' } = options;
  let written = 0;
  if (memoryIds !== undefined) {
    const rows = await database.query<CollectedRow>(FIND_NAMED, [memoryIds]);
    if (rows.length > 0) await write(database, rows);
    written = rows.length;
    await database.query(FOLLOW_NAMED, [memoryIds, verifiedBy]);
  } else {
    for (let after = FIRST; ;) {
      const rows = await database.query<CollectedRow>(FIND_NEW, [TRAINING_RULES_VERSION, after, PAGE]);
      const last = rows.at(-1);
      if (last === undefined) break;
      await write(database, rows);
      written += rows.length;
      after = last.id;
    }
    await followVerdicts(database, verifiedBy);
  }
  return { written };
}
