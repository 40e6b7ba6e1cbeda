import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Database } from './database.ts';
import { createTestDatabase } from './testing.ts';
import { countTrainingData, listTrainingData } from './training-data.ts';
import { listTrainingReview } from './training-review.ts';

let database: Database;
let drop: () => Promise<void>;
beforeAll(async () => {
  ({ database, drop } = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') }));
});
afterAll(() => drop());

interface Example {
  readonly prompt: string;
  readonly answer?: string;
  readonly verified?: boolean;
  readonly split?: 'train' | 'validation';
  readonly verdict?: string;
  readonly uses?: number;
  readonly tag?: string;
}

async function add({
  prompt,
  answer = 'an answer',
  verified = false,
  split = 'train',
  verdict = 'none',
  uses = 3,
  tag = 'quiz',
}: Example): Promise<void> {
  await database.pool.query(
    `with memory as (
       insert into ai_memory (id, prompt_hash, scope, kind, request_type, prompt_text, generated_text, provider, model, simulated, verdict, is_current, usage_count)
       values (gen_random_uuid(), gen_random_uuid()::text, 'shared', 'text', $7, $1, $2, 'openai', 'gpt', false, $5, $5 in ('none', 'verified'), $6) returning id)
     insert into ai_training_data (memory_item, split, prompt_key, example_key, rules_version, suggested_because, human_verified, subject_tags, difficulty_label)
     select id, $4, $1, $1 || ' plain', 1, 'used often', $3, array[$7], 'easy' from memory`,
    [prompt, answer, verified, split, verified ? 'verified' : verdict, uses, tag],
  );
}

it('suggestions come most reused first, with what speaks against them', async () => {
  await add({ prompt: 'seldom', uses: 3 });
  await add({ prompt: 'often', uses: 90 });
  await add({ prompt: 'double', uses: 50 });
  await add({ prompt: 'double', verified: true });
  await add({ prompt: 'on both sides', uses: 40, split: 'validation' });
  await add({ prompt: 'on both sides', verified: true });
  await add({ prompt: 'with a name', uses: 30, answer: 'Write to jane.roe@example.com or call +49 30 1234567.' });
  await add({ prompt: 'rejected meanwhile', uses: 99, verdict: 'rejected' });
  const rows = await listTrainingReview(database, false, 10);
  expect(rows.map(({ prompt, doubles, leaks, hasPersonalData }) => [prompt, doubles, leaks, hasPersonalData])).toEqual([
    ['often', 0, false, false],
    ['double', 1, false, false],
    ['on both sides', 1, true, false],
    ['with a name', 0, false, true],
    ['seldom', 0, false, false],
  ]);
  expect(await listTrainingReview(database, true, 10)).toEqual([]);
});

it('counts say how many verified answers are double or stand on both sides', async () => {
  expect(await countTrainingData(database, false)).toMatchObject({ verified: 2, suggested: 5, duplicates: 0, leaks: 0 });
  await add({ prompt: 'double', verified: true });
  await add({ prompt: 'on both sides', verified: true, split: 'validation' });
  expect(await countTrainingData(database, false)).toMatchObject({ verified: 4, validation: 1, duplicates: 2, leaks: 1 });
});

it('lists are narrowed by request type, tag, difficulty and side', async () => {
  await add({ prompt: 'of its own kind', verified: true, split: 'validation', tag: 'report' });
  const count = async (question: object): Promise<number> =>
    (await listTrainingData(database, { list: 'verified', simulated: false, ...question })).length;
  expect(await count({ requestType: 'report' })).toBe(1);
  expect(await count({ tag: 'report', difficulty: 'easy' })).toBe(1);
  expect(await count({ difficulty: 'hard' })).toBe(0);
  expect(await count({ split: 'validation' })).toBe(2);
});
