import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openTestConsole, JSON_ONLY, type TestConsole } from '../testing.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  await site.database.pool.query(
    `insert into ai_memory (id, prompt_hash, scope, simulated, kind, request_type, prompt_text, generated_text, provider, model, created_at)
     select gen_random_uuid(), md5(n::text), 'shared', false, 'text', 'quiz', 'Question ' || n || case when n % 9000 = 0 then ' of owls' else '' end,
       'answer', 'openai', 'gpt', now() - n * interval '1 second' from generate_series(1, 25000) n`,
  );
});
afterAll(() => site.close());

interface Page {
  readonly rows: readonly { readonly promptText: string }[];
  readonly next: string | null;
}

it('finds words however old they are, looking through so many answers at a time', async () => {
  const viewer = await site.signIn('viewer');
  const pages: Page[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const url = `/api/memory?search=OWLS&limit=25${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const page: Page = (await viewer.call('GET', url, { headers: JSON_ONLY })).json<Page>();
    pages.push(page);
    cursor = page.next;
  }
  expect(pages.map(({ rows }) => rows.map(({ promptText }) => promptText))).toEqual([
    ['Question 9000 of owls'],
    ['Question 18000 of owls'],
    [],
  ]);
});
