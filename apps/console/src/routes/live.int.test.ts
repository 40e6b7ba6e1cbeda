import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { COOKIE, openTestConsole, type Browser, type TestConsole } from '../testing.ts';

let site: TestConsole;
let url: string;
beforeAll(async () => {
  site = await openTestConsole({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  url = await site.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => site.close());

interface Stream {
  /** Everything that has come. */
  text(): string;
  /** Ends with the stream. */
  readonly ended: Promise<void>;
  leave(): void;
}

async function watch(browser: Browser): Promise<Stream> {
  const stop = new AbortController();
  const response = await fetch(`${url}/api/live`, {
    signal: stop.signal,
    headers: { accept: 'text/event-stream', cookie: `${COOKIE}=${browser.cookies.get(COOKIE)}` },
  });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  let text = '';
  const decoder = new TextDecoder();
  async function read(): Promise<void> {
    for await (const piece of response.body ?? []) text += decoder.decode(piece as Uint8Array, { stream: true });
  }
  return { text: () => text, ended: read().catch(() => undefined), leave: () => stop.abort() };
}

async function insertJob(): Promise<void> {
  await site.database.pool.query(
    `insert into ai_job (id, prompt_hash, scope, simulated, shared, kind, request_type, request, candidates, provider, model, queue,
       selection_mode, cache_mode, generation, created_at)
     values (gen_random_uuid(), 'h', 'shared', false, false, 'text', 'quiz', '{}', '[]', 'openai', 'm', 'text-openai', 'auto', 'use', 1,
       clock_timestamp() - interval '10 minutes')`,
  );
}

const PATIENCE = { timeout: 20_000, interval: 100 };

it('tells open pages how everything is, what has waited longest, and that the jobs are not what they were', async () => {
  const stream = await watch(await site.signIn('viewer'));
  await expect.poll(() => stream.text(), PATIENCE).toContain('event: health');
  expect(stream.text()).not.toContain('event: jobs');
  await insertJob();
  await expect.poll(() => stream.text(), PATIENCE).toContain('event: jobs');
  await expect.poll(() => stream.text(), PATIENCE).toMatch(/"waiting":\[\{"queue":"text-openai","waiting":1,"oldestMs":6\d{5}\}\]/);
  stream.leave();
  await stream.ended;
});

it('ends when the session has ended, and says so, so that nobody knocks again', async () => {
  const browser = await site.signIn('viewer');
  const stream = await watch(browser);
  await expect.poll(() => stream.text(), PATIENCE).toContain('event: health');
  await site.database.pool.query('update ai_console_user set disabled_at = now() where name = $1', [browser.userName]);
  await stream.ended;
  expect(stream.text()).toContain('event: ended');
});
