import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');
const rows = readFileSync(path.join(ROOT, 'docs/faults.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => line.split(' | '));

describe('the page of the forty faults', () => {
  it('has each of them once, in order, with what happens', () => {
    expect(rows.map(([number]) => Number(number?.replaceAll('|', '')))).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(rows.filter((row) => row.length !== 4 || row.some((cell) => cell.trim() === ''))).toEqual([]);
  });

  it('names tests that exist, for every fault', () => {
    for (const [number, , , tests = ''] of rows) {
      const files = [...tests.matchAll(/`([^`]+\.test\.ts)`/g)].map((match) => match[1] ?? '');
      expect(files.length, `tests of fault ${number}`).toBeGreaterThan(0);
      expect(
        files.filter((file) => !existsSync(path.join(ROOT, file))),
        `files of fault ${number}`,
      ).toEqual([]);
    }
  });
});
