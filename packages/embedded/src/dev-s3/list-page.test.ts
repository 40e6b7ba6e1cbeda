import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collectPage } from './list-page.ts';
import { ObjectIndex, type ObjectRecord } from './object-index.ts';
import { SCHEMA } from './open-index.ts';

const RECORD: ObjectRecord = { file: '', size: 0, etag: '""', modifiedMs: 0, headers: {}, checksums: {}, tags: [] };

function indexOf(keys: readonly string[]): ObjectIndex {
  const database = new DatabaseSync(':memory:');
  database.exec(SCHEMA);
  const index = new ObjectIndex(database);
  index.addBucket('bucket', 0);
  for (const key of keys) index.put('bucket', key, RECORD);
  return index;
}

const byBytes = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

/** What S3 lists, said in the plainest way. */
function expectedNames(keys: readonly string[], prefix: string, delimiter: string): string[] {
  const names = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
      return cut < 0 ? key : key.slice(0, cut + delimiter.length);
    });
  return [...new Set(names)].sort(byBytes);
}

test('pages of any size give every name once, in the order of its bytes', () => {
  const key = fc.array(fc.constantFrom('a', 'b', '/', '-', 'é', '～', '😀'), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''));
  const run = fc.record({
    keys: fc.uniqueArray(key, { maxLength: 30 }),
    prefix: fc.constantFrom('', 'a', 'a/', '/', '😀'),
    delimiter: fc.constantFrom('', '/', 'a/', '-'),
    maxKeys: fc.integer({ min: 1, max: 7 }),
  });
  fc.assert(
    fc.property(run, ({ keys, prefix, delimiter, maxKeys }) => {
      const index = indexOf(keys);
      const expected = expectedNames(keys, prefix, delimiter);
      const names: string[] = [];
      let after: string | undefined = '';
      while (after !== undefined) {
        const page = collectPage(index, { bucket: 'bucket', prefix, delimiter, after, maxKeys });
        const pageNames = [...page.objects.map((object) => object.key), ...page.commonPrefixes].sort(byBytes);
        names.push(...pageNames);
        if (page.next !== undefined) expect(pageNames).toHaveLength(maxKeys);
        after = page.next;
      }
      expect(names).toEqual(expected);
    }),
  );
});

test('a page of no keys is empty and the last one', () => {
  expect(collectPage(indexOf(['a']), { bucket: 'bucket', prefix: '', delimiter: '', after: '', maxKeys: 0 })).toEqual({
    objects: [],
    commonPrefixes: [],
    next: undefined,
  });
});
