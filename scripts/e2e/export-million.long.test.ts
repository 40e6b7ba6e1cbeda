import { createReadStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { TRAINING_FORMATS } from '@ai-core/core';
import { besideOf, openDatabase, type TrainingFilesManifest } from '@ai-core/store';
import { createTestDatabase, type TestDatabase } from '@ai-core/store/testing';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startChild } from '../child-process.ts';

const EXAMPLES = 1_000_000;
/** Answers that hold an address which redaction has not seen. */
const CANARY = 'canary.person@example.org';
const CANARIES = 100;
const MOST_BYTES = 300 * 1_024 * 1_024;

let test: TestDatabase;
const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-million-'));
beforeAll(async () => {
  test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  const patient = openDatabase({ url: test.url, maxConnections: 1, statementTimeoutMs: 1_200_000 });
  // Words made of hashes: no two answers are alike.
  await patient.pool.query(
    `insert into ai_memory (id, request_type, prompt_hash, scope, simulated, kind, prompt_text, prompt_options, generated_text, provider, model,
        is_verified_good, use_for_training, verdict)
      select gen_random_uuid(), 'quiz', 'hash ' || n, 'shared', false, 'text', 'Explain topic ' || n || ' in a few words', '{"difficulty": "easy"}',
        md5('a' || n) || ' ' || md5('b' || n) || ' ' || md5('c' || n) || ' ' || md5('d' || n) || case when n <= $2 then ' write to ${CANARY}' else '' end,
        'openai', 'first', true, true, 'verified'
      from generate_series(1, $1::integer) n`,
    [EXAMPLES, CANARIES],
  );
  await patient.pool.query('analyze ai_memory');
  await patient.close();
  await run('');
  await test.database.pool.query('analyze ai_training_data');
}, 1_500_000);
afterAll(async () => {
  await test.drop();
  rmSync(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly manifest: TrainingFilesManifest | null;
  readonly manifestSha256: string;
  readonly rssBytes: number;
}

async function run(file: string): Promise<Outcome> {
  const child = await startChild('./export-process.ts', [test.url, file]);
  const [outcome] = await Promise.all([
    new Promise<Outcome>((resolve) => child.process.once('message', (message) => resolve(message as Outcome))),
    child.ended,
  ]);
  return outcome;
}

it(`exports ${EXAMPLES} examples in flat memory, the same bytes again, without a leak and without personal data`, async () => {
  const file = path.join(folder, 'one.jsonl');
  const first = await run(file);
  expect(first.rssBytes).toBeLessThan(MOST_BYTES);
  expect(first.manifest).toMatchObject({ leaked: 0, left_out: { personal_data: CANARIES } });
  const examples = first.manifest?.examples;
  expect((examples?.train ?? 0) + (examples?.validation ?? 0)).toBeGreaterThan(EXAMPLES * 0.99);

  const prompts = new Set<string>();
  const validationFile = besideOf(file, 'validation');
  for (const [part, isValidation] of [
    [validationFile, true],
    [file, false],
  ] as const) {
    for await (const line of createInterface({ input: createReadStream(part) })) {
      const value = JSON.parse(line) as { messages: { role: string; content: string }[] };
      if (TRAINING_FORMATS['openai-chat'].findFault(value) !== null || line.includes(CANARY))
        throw new Error('a line is not as it should be');
      const prompt = value.messages.find(({ role }) => role === 'user')?.content ?? '';
      if (isValidation) prompts.add(prompt);
      else if (prompts.has(prompt)) throw new Error('a validation prompt is in train');
    }
  }
  const second = await run(path.join(folder, 'two.jsonl'));
  expect(second.manifestSha256).toBe(first.manifestSha256);
  expect(readFileSync(besideOf(path.join(folder, 'two.jsonl'), 'validation')).equals(readFileSync(validationFile))).toBe(true);
});
