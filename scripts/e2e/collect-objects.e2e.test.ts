import { createHash, randomUUID } from 'node:crypto';
import path from 'node:path';
import { startDevS3, type DevS3 } from '@ai-core/embedded';
import { collectObjects, compareObjects, expireSpeech, objectKey, openObjects, type ObjectDifference, type Objects } from '@ai-core/store';
import { createTestDatabase, type TestDatabase } from '@ai-core/store/testing';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { makeTestFolder } from '../test-services/test-folder.ts';

describe('MP3s and their rows', () => {
  let test: TestDatabase;
  let s3: DevS3;
  let objects: Objects;
  beforeAll(async () => {
    test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
    // A bucket of its own: what others have just written must not be collected here.
    const key = { accessKeyId: 'collector', secretAccessKey: randomUUID() };
    s3 = await startDevS3({
      dir: path.join(makeTestFolder(), 's3'),
      credentials: { [key.accessKeyId]: key.secretAccessKey },
      buckets: ['sounds'],
      fast: true,
    });
    objects = openObjects({ endpoint: s3.url, region: 'us-east-1', bucket: 'sounds', ...key });
  });
  afterAll(async () => {
    objects.close();
    await s3.close();
    await test.drop();
  });

  async function putSound(content: string, simulated = false): Promise<string> {
    const sha256 = createHash('sha256').update(content).digest('hex');
    await objects.put(objectKey({ simulated, sha256 }), Buffer.from(content), { contentType: 'audio/mpeg', sha256 });
    return sha256;
  }

  async function addRow(sha256: string, { bytes, current = true }: { readonly bytes: number; readonly current?: boolean }): Promise<void> {
    await test.database.pool.query(
      `insert into ai_memory (id, request_type, prompt_hash, scope, simulated, kind, is_current, prompt_text, generated_audio_file, audio_bytes,
         audio_seconds, audio_format, audio_sha256, provider, model)
       values (gen_random_uuid(), 'tts_audio', gen_random_uuid()::text, 'shared', false, 'audio', $4, 'a text', $1, $2, 1, 'mp3', $3, 'openai', 'tts-1')`,
      [objectKey({ simulated: false, sha256 }), bytes, sha256, current],
    );
  }

  const compare = (): Promise<ObjectDifference[]> => Array.fromAsync(compareObjects(test.database, objects));

  it('are told apart where they disagree, whatever the order of their hashes', async () => {
    const contents = Array.from({ length: 20 }, (_, index) => `sound ${index}`);
    const hashes = await Promise.all(contents.map((content) => putSound(content)));
    for (const [index, sha256] of hashes.entries()) if (index % 2 === 0) await addRow(sha256, { bytes: contents[index]?.length ?? 0 });
    const missing = 'ab'.repeat(32);
    await addRow(missing, { bytes: 7 });
    await addRow('cd'.repeat(32), { bytes: 7, current: false });
    const wrong = await putSound('another size');
    await addRow(wrong, { bytes: 1 });
    const simulated = await putSound('sound 0', true);
    const found = await compare();
    const hashesOf = (kind: string): string[] => found.filter((one) => one.kind === kind).map((one) => one.sha256);
    expect(new Set(hashesOf('orphan'))).toEqual(new Set([...hashes.filter((_, index) => index % 2 === 1), simulated]));
    expect(new Set(hashesOf('dangling'))).toEqual(new Set([missing, wrong]));
  });

  it('leave young ones without a row alone, and let old ones go, but none that has a row', async () => {
    expect(await collectObjects(test.database, objects)).toBe(0);
    expect(await collectObjects(test.database, objects, 0)).toBe(11);
    expect((await compare()).filter((one) => one.kind === 'orphan')).toEqual([]);
    expect(await collectObjects(test.database, objects, 0)).toBe(0);
    expect(await objects.head(objectKey({ simulated: false, sha256: createHash('sha256').update('sound 2').digest('hex') }))).toBeDefined();
  });

  it('do not go while a settle has its hands on them', async () => {
    const sha256 = await putSound('about to be named');
    await test.database.transaction(async (client) => {
      await client.query(`select pg_advisory_xact_lock_shared(hashtextextended('ai_core.object.' || $1, 0))`, [sha256]);
      expect(await collectObjects(test.database, objects, 0)).toBe(0);
    });
    expect(await collectObjects(test.database, objects, 0)).toBe(1);
  });

  it('of answers that are not remembered go when they are a day old', async () => {
    const [young, old] = [await putSound('young secret'), await putSound('old secret')];
    for (const [sha256, age] of [
      [young, '23 hours'],
      [old, '25 hours'],
    ] as const) {
      await test.database.pool.query(
        `insert into ai_job (id, prompt_hash, scope, simulated, shared, kind, request_type, request, candidates, provider, model, queue,
           selection_mode, cache_mode, state, generation, answer, finished_at)
         values (gen_random_uuid(), $1, 'once:1', false, false, 'audio', 'tts_audio', '{}', '[]', 'openai', 'tts-1', 'audio-openai', 'auto', 'use', 'done', 1,
           jsonb_build_object('audio', jsonb_build_object('sha256', $1::text)), clock_timestamp() - $2::interval)`,
        [sha256, age],
      );
    }
    expect(await expireSpeech(test.database, objects)).toBe(1);
    expect(await objects.head(objectKey({ simulated: false, sha256: old }))).toBeUndefined();
    expect(await objects.head(objectKey({ simulated: false, sha256: young }))).toBeDefined();
    const { rows } = await test.database.pool.query<{ n: bigint }>(`select count(*) as n from ai_job where answer ? 'audio'`);
    expect(rows[0]?.n).toBe(1n);
  });
});
