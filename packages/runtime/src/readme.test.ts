import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { VARIABLES } from './variables.ts';

it('has the same variables in the README as in the table, with the same words', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  const rows = [...readme.matchAll(/^\| `([A-Z][A-Z0-9_]+)` \| (.*) \|$/gm)].map((match) => [match[1], match[2]]);
  expect(rows).toEqual(Object.entries(VARIABLES).map(([name, variable]) => [name, variable.about]));
});
