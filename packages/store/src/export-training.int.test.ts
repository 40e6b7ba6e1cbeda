import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TRAINING_FORMAT_NAMES, TRAINING_FORMATS } from '@ai-core/core';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { collectTrainingData } from './collect-training-data.ts';
import { exportTrainingData, type TrainingExportOptions, type TrainingLine, type TrainingManifest } from './export-training.ts';
import { openObjects } from './objects/s3.ts';
import { createTestDatabase } from './testing.ts';
import { remember, type RememberedAnswer } from './testing/remember.ts';
import { countTrainingData, editTrainingData, listTrainingData } from './training-data.ts';
import { storeTraining, writeTrainingFiles } from './training-files.ts';

const test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
const { database } = test;
const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-export-'));
afterAll(async () => {
  await test.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => database.pool.query('truncate ai_memory cascade'));

const good = (prompt: string, more: Partial<RememberedAnswer> = {}): RememberedAnswer => ({
  prompt,
  text: `An answer about ${prompt} that is like no other: ${createHash('sha256').update(prompt).digest('hex')}`,
  verdict: 'verified',
  ...more,
});

async function collectAndExport(options: TrainingExportOptions = {}): Promise<{ lines: TrainingLine[]; manifest: TrainingManifest }> {
  await collectTrainingData(database);
  const { lines, manifest } = exportTrainingData(database, options);
  const all: TrainingLine[] = [];
  for await (const line of lines) all.push(line);
  return { lines: all, manifest: manifest() };
}

const prompts = (lines: readonly TrainingLine[]): string[] =>
  lines.map(({ line }) => (JSON.parse(line) as { prompt: string }).prompt).toSorted();

describe('an export of training data', () => {
  it('is prompt, completion and tags of verified answers, and of no others', async () => {
    await remember(database, [
      good('kanji', { options: { difficulty: 'easy', subject: 'Grammar' }, requestType: 'quiz_generation' }),
      good('not looked at', { verdict: 'none' }),
      good('turned down', { verdict: 'rejected' }),
      good('private', { scope: 'user:42' }),
      good('emulated', { simulated: true }),
      good('rated badly', { rating: 3.5 }),
      good('rated well', { rating: 4.5 }),
    ]);
    const { lines, manifest } = await collectAndExport({ validationShare: 0 });
    expect(prompts(lines)).toEqual(['kanji', 'rated well']);
    const kanji = lines.map(({ line }) => JSON.parse(line) as object).find((line) => 'prompt' in line && line.prompt === 'kanji');
    expect(kanji).toEqual({ prompt: 'kanji', completion: good('kanji').text, tags: ['grammar', 'quiz_generation', 'easy'] });
    expect(manifest).toMatchObject({ examples: { read: 2, train: 2, validation: 0 }, leaked: 0 });
  });

  it('holds emulated answers only when it is told to, and then nothing else', async () => {
    await remember(database, [good('real'), good('emulated', { simulated: true })]);
    expect(prompts((await collectAndExport()).lines)).toEqual(['real']);
    expect(prompts((await collectAndExport({ simulated: true })).lines)).toEqual(['emulated']);
  });

  it('leaves out an answer that has been rejected a moment ago', async () => {
    const [id] = await remember(database, [good('first'), good('second')]);
    await collectTrainingData(database);
    await database.pool.query(`update ai_memory set verdict = 'rejected', is_verified_good = false where id = $1`, [id]);
    const { lines } = await collectAndExport();
    expect(prompts(lines)).toEqual(['second']);
    expect(await countTrainingData(database, false)).toMatchObject({ verified: 1 });
  });

  it('keeps the best of several answers to one question, however it is written, and one of almost equal texts', async () => {
    const long = Array.from({ length: 80 }, (_, n) => `word${n * 7}`).join(' ');
    await remember(database, [
      good('Explain は and が!', { rating: 4.1, text: 'worse' }),
      good('explain は  and が', { rating: 4.9, text: 'best' }),
      good(`${long} one`, { text: long }),
      good(`${long} two`, { text: long }),
    ]);
    const { lines, manifest } = await collectAndExport({ validationShare: 0 });
    expect(lines).toHaveLength(2);
    expect(lines.some(({ line }) => line.includes('"best"'))).toBe(true);
    expect(manifest.left_out).toMatchObject({ duplicates: 1, near_duplicates: 1 });
  });

  it('leaves out what still holds personal data and keeps placeholders', async () => {
    await remember(database, [good('write to ⟦EMAIL_1⟧'), good('leaky', { text: 'Ask anna.schmidt@example.org about it' })]);
    const { lines, manifest } = await collectAndExport();
    expect(prompts(lines)).toEqual(['write to ⟦EMAIL_1⟧']);
    expect(manifest.left_out.personal_data).toBe(1);
  });

  it('divides prompts between train and validation once and for ever, and never one prompt between both', async () => {
    const answers = Array.from({ length: 300 }, (_, n) => [
      good(`topic ${n}`),
      good(`topic ${n}`, { options: { difficulty: 'hard' }, text: `hard ${createHash('sha256').update(String(n)).digest('hex')}` }),
    ]);
    await remember(database, answers.flat());
    const first = await collectAndExport({ validationShare: 0.2 });
    const of = (lines: readonly TrainingLine[], split: string): Set<string> =>
      new Set(prompts(lines.filter((line) => line.split === split)));
    const validation = of(first.lines, 'validation');
    expect(validation.size).toBeGreaterThan(30);
    expect([...validation].filter((prompt) => of(first.lines, 'train').has(prompt))).toEqual([]);
    expect(first.manifest.leaked).toBe(0);
    await remember(
      database,
      Array.from({ length: 100 }, (_, n) => good(`later ${n}`)),
    );
    const second = await collectAndExport({ validationShare: 0.2 });
    expect([...validation].every((prompt) => of(second.lines, 'validation').has(prompt))).toBe(true);
  });

  it.each(TRAINING_FORMAT_NAMES)('as %s is taken by its readers line by line', async (format) => {
    await remember(database, [
      ...Array.from({ length: 20 }, (_, n) => good(`topic\u2028${n}\n=cmd()`, { options: { language: 'ja' }, promptHash: `hash ${n}` })),
      ...Array.from({ length: 5 }, (_, n) =>
        good(`topic\u2028${n}\n=cmd()`, { promptHash: `hash ${n}`, verdict: 'rejected', text: `bad ${n}` }),
      ),
    ]);
    const { lines } = await collectAndExport({ format });
    expect(lines).toHaveLength(format === 'dpo' ? 5 : 20);
    for (const { line } of lines) {
      expect(line).not.toMatch(/[\n\u2028]/);
      expect(TRAINING_FORMATS[format].findFault(JSON.parse(line))).toBeNull();
    }
  });

  it('repeats an example as often as its weight says, in train only', async () => {
    await remember(database, [good('heavy'), good('light')]);
    await collectTrainingData(database);
    const heavy = (await listTrainingData(database, { list: 'verified', simulated: false })).at(0);
    await editTrainingData(database, { id: heavy?.id ?? '', weight: 3, tags: ['JLPT N5'], difficulty: 'hard', editedBy: 'anna' });
    await collectTrainingData(database);
    expect((await collectAndExport({ validationShare: 0 })).lines).toHaveLength(4);
    expect((await collectAndExport({ validationShare: 1 })).lines).toHaveLength(2);
    const row = (await listTrainingData(database, { list: 'verified', simulated: false })).find(({ id }) => id === heavy?.id);
    expect(row).toMatchObject({ trainingWeight: 3, tags: ['jlpt_n5'], difficulty: 'hard' });
  });

  it('has the same bytes for the same data, with a manifest that says so, in files and in the object store', async () => {
    await remember(
      database,
      Array.from({ length: 50 }, (_, n) => good(`topic ${n}`)),
    );
    await collectTrainingData(database);
    const write = (name: string) => writeTrainingFiles(database, { path: path.join(folder, name), format: 'openai-chat' });
    const [one, two] = [await write('one.jsonl'), await write('two.jsonl')];
    expect(two.manifest).toEqual(one.manifest);
    expect(two.manifestSha256).toBe(one.manifestSha256);
    expect(readFileSync(two.files.train.path)).toEqual(readFileSync(one.files.train.path));
    expect(one.manifest.files.train?.sha256).toBe(createHash('sha256').update(readFileSync(one.files.train.path)).digest('hex'));
    const objects = openObjects(inject('s3'));
    const keys = await storeTraining(objects, one);
    expect(await objects.head(keys.manifest)).toMatchObject({ sha256: one.manifestSha256 });
    expect(await objects.head(keys.train)).toMatchObject({ bytes: one.files.train.bytes });
    objects.close();
  });
});

describe('curation', () => {
  it('suggests answers that are used often and rated well, until a person says no', async () => {
    await remember(database, [
      good('popular', { verdict: 'none', uses: 5, rating: 4.6 }),
      good('seldom used', { verdict: 'none', uses: 1, rating: 5 }),
      good('disliked', { verdict: 'none', uses: 50, rating: 2 }),
    ]);
    expect(await collectAndExport()).toMatchObject({ lines: [] });
    const [suggested, ...others] = await listTrainingData(database, { list: 'suggested', simulated: false });
    expect(others).toEqual([]);
    expect(suggested?.suggestedBecause).toContain('reused');
    expect(prompts((await collectAndExport({ verifiedOnly: false })).lines)).toEqual(['popular']);
    await editTrainingData(database, { id: suggested?.id ?? '', declined: true, editedBy: 'anna' });
    expect((await collectAndExport({ verifiedOnly: false })).lines).toEqual([]);
  });

  it('refuses labels that mean nothing', async () => {
    await expect(editTrainingData(database, { id: crypto.randomUUID(), weight: 0, editedBy: 'anna' })).rejects.toThrow(/above 0/);
    await expect(editTrainingData(database, { id: crypto.randomUUID(), weight: 1, editedBy: 'anna' })).rejects.toThrow(
      /no training example/,
    );
  });
});
