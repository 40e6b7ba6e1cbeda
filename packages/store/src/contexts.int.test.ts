import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findContexts, getContext, listContexts, putContext, readContexts } from './contexts.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

describe('named contexts', () => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  });
  afterAll(() => test.drop());
  const put = (name: string, text: string) => putContext(test.database, { name, text, createdBy: 'test' });

  it('makes a version of each new text, none of the same one, and a third of a text that comes back', async () => {
    const first = await put('Lesson', 'は marks the topic.');
    expect(first).toMatchObject({ name: 'lesson', version: 1, bytes: 20, created: true, createdBy: 'test' });
    expect(await put('lesson', 'は marks the topic.\r\n')).toEqual({ ...first, created: false });
    expect(await put('lesson', 'が marks the subject.')).toMatchObject({ version: 2, created: true });
    const third = await put('lesson', 'は marks the topic.');
    expect(third).toMatchObject({ version: 3, sha256: first.sha256, created: true });
    expect(await getContext(test.database, 'LESSON')).toMatchObject({ version: 3, text: 'は marks the topic.' });
    expect(await getContext(test.database, 'lesson', 2)).toMatchObject({ version: 2, text: 'が marks the subject.' });
    expect(await getContext(test.database, 'lesson', 9)).toBeNull();
    expect(await getContext(test.database, 'nothing')).toBeNull();
  });

  it('gives every one of 20 texts put at once a version of its own', async () => {
    const versions = await Promise.all(Array.from({ length: 20 }, (_, n) => put('busy', `text ${n}`)));
    expect(versions.map(({ version }) => version).toSorted((one, two) => one - two)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });

  it('lists current versions, and reads the versions that were asked for', async () => {
    await put('other', 'Second.');
    const listed = await listContexts(test.database);
    expect(listed.map(({ name, version }) => [name, version])).toEqual([
      ['busy', 20],
      ['lesson', 3],
      ['other', 1],
    ]);
    const old = await getContext(test.database, 'lesson', 2);
    const [other] = await findContexts(test.database, ['other']);
    const read = await readContexts(
      test.database,
      [other, old].map((context) => ({ name: context?.name ?? '', sha256: context?.sha256 ?? '' })),
    );
    expect(read.map(({ text }) => text)).toEqual(['Second.', 'が marks the subject.']);
  });

  it('names what there is not', async () => {
    await expect(findContexts(test.database, ['lesson', 'nowhere'])).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
      reason: expect.stringContaining('there is no context named nowhere; put it with `ai-core contexts put`') as unknown,
    });
    await expect(readContexts(test.database, [{ name: 'lesson', sha256: '0'.repeat(64) }])).rejects.toMatchObject({
      code: 'REQUEST_INVALID',
    });
  });
});
