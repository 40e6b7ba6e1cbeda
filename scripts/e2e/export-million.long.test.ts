import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { TRAINING_FORMAT_NAMES, TRAINING_FORMATS, type TrainingFormat } from '@ai-core/core';
import { besideOf, openDatabase, type TrainingFilesManifest } from '@ai-core/store';
import { createTestDatabase, type TestDatabase } from '@ai-core/store/testing';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { startChild } from '../child-process.ts';

const EXAMPLES = 1_000_000;
/** Answers that hold an address which redaction has not seen. */
const CANARY = 'canary.person@example.org';
const CANARIES = 100;
/** Every tenth question has a rejected answer too. */
const PAIRS = EXAMPLES / 10;
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
  await patient.pool.query(
    `insert into ai_memory (id, request_type, prompt_hash, scope, simulated, kind, prompt_text, prompt_options, generated_text, provider, model,
        is_current, verdict)
      select gen_random_uuid(), 'quiz', 'hash ' || n * 10, 'shared', false, 'text', 'Explain topic ' || n * 10 || ' in a few words',
        '{"difficulty": "easy"}', md5('e' || n), 'openai', 'first', false, 'rejected'
      from generate_series(1, $1::integer) n`,
    [PAIRS],
  );
  await patient.close();
  await run('', 'openai-chat');
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

async function run(file: string, format: TrainingFormat): Promise<Outcome> {
  const child = await startChild('./export-process.ts', [test.url, file, format]);
  const outcome = await Promise.race([
    new Promise<Outcome>((resolve) => child.process.once('message', (message) => resolve(message as Outcome))),
    child.ended.then(() => {
      throw new Error('the export process ended without a word');
    }),
  ]);
  await child.ended;
  return outcome;
}

/** Reads a file back line by line. @throws Error for a line that breaks the rules of its format, or that has a canary in it */
async function readBack(file: string, format: TrainingFormat): Promise<{ readonly lines: number; readonly prompts: Set<string> }> {
  const prompts = new Set<string>();
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const value: unknown = JSON.parse(line);
    const fault = TRAINING_FORMATS[format].findFault(value);
    if (fault !== null || line.includes(CANARY))
      throw new Error(`a line of ${format} is not as it should be: ${fault ?? 'it has a canary'}`);
    prompts.add(/Explain topic \d+ in a few words/.exec(line)?.[0] ?? '');
    lines++;
  }
  return { lines, prompts };
}

it.for(TRAINING_FORMAT_NAMES)(
  `exports up to ${EXAMPLES} examples as %s in flat memory, without a leak and without personal data`,
  async (format) => {
    const file = path.join(folder, `${format}.jsonl`);
    const began = performance.now();
    const { manifest, rssBytes } = await run(file, format);
    const seconds = ((performance.now() - began) / 1_000).toFixed(0);
    const { train = 0, validation = 0 } = manifest?.examples ?? {};
    const bytes = (manifest?.files.train?.bytes ?? 0) + (manifest?.files.validation?.bytes ?? 0);
    process.stdout.write(
      `${format}: ${train} + ${validation} examples, ${bytes} bytes, ${seconds} s, RSS ${(rssBytes / 2 ** 20).toFixed(0)} MB\n`,
    );
    expect(rssBytes).toBeLessThan(MOST_BYTES);
    expect(manifest).toMatchObject({ leaked: 0, examples: { read: EXAMPLES } });
    // Not every format has room for all validation examples, and pairs are only where something was rejected.
    const { personal_data: personal = 0, validation_surplus: surplus = 0, not_sayable: mute = 0 } = manifest?.left_out ?? {};
    const told = format === 'dpo' ? PAIRS : EXAMPLES;
    expect(personal).toBeGreaterThan(CANARIES * 0.9 * (told / EXAMPLES));
    expect(train + validation + surplus + mute).toBeGreaterThan(EXAMPLES * 0.99);
    expect(mute).toBe(EXAMPLES - told);

    const kept = await readBack(besideOf(file, 'validation'), format);
    const taught = await readBack(file, format);
    expect([taught.lines, kept.lines]).toEqual([manifest?.lines.train, manifest?.lines.validation]);
    expect([...kept.prompts].filter((prompt) => taught.prompts.has(prompt))).toEqual([]);
    rmSync(file);
    rmSync(besideOf(file, 'validation'));
  },
);

it('exports the same bytes a second time', async () => {
  const first = await run(path.join(folder, 'first.jsonl'), 'openai-chat');
  const second = await run(path.join(folder, 'second.jsonl'), 'openai-chat');
  // It holds the SHA-256 of both files.
  expect(second.manifestSha256).toBe(first.manifestSha256);
  expect(second.manifest?.files).toEqual(first.manifest?.files);
});
