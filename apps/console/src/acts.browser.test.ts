import { createHash } from 'node:crypto';
import { createApiKey, openObjects } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openBrowserSite, type BrowserSite } from './testing/browser-site.ts';

const objects = openObjects(inject('s3'));
let browsers: BrowserSite;
beforeAll(async () => {
  browsers = await openBrowserSite({
    serverUrl: inject('databaseUrl'),
    template: inject('templateDatabase'),
    browserPath: inject('browserPath'),
    objects,
  });
});
afterAll(async () => {
  await browsers.close();
  objects.close();
});

const query = async <Row>(text: string, values: readonly unknown[] = []): Promise<Row[]> =>
  (await browsers.site.database.pool.query(text, [...values])).rows as Row[];

/** @returns seconds of silence as MP3: frames of MPEG 1, layer 3, 128 kbit/s at 44.1 kHz, with nothing in them */
function silence(seconds: number): Buffer {
  const frame = Buffer.alloc(417);
  frame.set([0xff, 0xfb, 0x90, 0x00]);
  return Buffer.concat(Array.from({ length: Math.ceil((seconds * 44_100) / 1_152) }, () => frame));
}

/** Plays, seeks to the twentieth second and plays on, by the player's own events. */
const HEAR_AND_SEEK = `(async () => {
  const audio = document.querySelector('audio');
  const once = (event) => new Promise((resolve) => audio.addEventListener(event, resolve, { once: true }));
  audio.muted = true;
  if (audio.readyState === 0) await once('loadedmetadata');
  await audio.play();
  while (audio.currentTime === 0) await once('timeupdate');
  const sought = once('seeked');
  audio.currentTime = 20;
  await sought;
  const at = audio.currentTime;
  while (audio.currentTime <= at) await once('timeupdate');
  return { duration: audio.duration, at, error: audio.error === null ? null : audio.error.message };
})()`;

async function rememberSpeech(seconds: number): Promise<string> {
  const bytes = silence(seconds);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const file = `audio/${sha256}.mp3`;
  await objects.put(file, bytes, { contentType: 'audio/mpeg', sha256 });
  const [row] = await query<{ id: string }>(
    `insert into ai_memory (id, prompt_hash, scope, kind, request_type, prompt_text, generated_audio_file, audio_bytes, audio_seconds, audio_sha256,
       audio_format, provider, model, simulated)
     values (gen_random_uuid(), $1, 'shared', 'audio', 'pronunciation', 'Good morning!', $2, $3, $4, $1, 'mp3', 'elevenlabs', 'eleven_flash', false) returning id`,
    [sha256, file, bytes.length, seconds],
  );
  return row?.id ?? '';
}

async function remember(requestType: string, count: number): Promise<void> {
  await query(
    `insert into ai_memory (id, prompt_hash, scope, kind, request_type, prompt_text, generated_text, provider, model, simulated)
     select gen_random_uuid(), md5($1 || n) || md5($1), 'shared', 'text', $1, 'question ' || n, 'answer ' || n, 'openai', 'gpt-6-luna', false
     from generate_series(1, $2) n`,
    [requestType, count],
  );
}

async function fail(): Promise<string> {
  const candidates = JSON.stringify([{ provider: 'openai', model: 'gpt-6-luna', queue: 'text-openai' }]);
  const [row] = await query<{ id: string }>(
    `insert into ai_job (id, prompt_hash, scope, simulated, shared, kind, request_type, request, candidates, provider, model, queue, selection_mode,
       cache_mode, state, generation, attempts, error_code, error_message, finished_at)
     values (gen_random_uuid(), md5(random()::text) || md5(''), 'shared', false, true, 'text', 'quiz', '{}', $1, 'openai', 'gpt-6-luna', 'text-openai',
       'auto', 'use', 'failed', nextval('ai_generation_seq'), 3, 'PROVIDER_UNAVAILABLE', 'the provider was away', now()) returning id`,
    [candidates],
  );
  return row?.id ?? '';
}

describe('in the browser', () => {
  it('an MP3 is played and sought in', async () => {
    const id = await rememberSpeech(30);
    const { context, page, open } = await browsers.visit('viewer');
    const ranges: string[] = [];
    page.on('request', (request) => request.url().endsWith('/audio') && ranges.push(request.headers()['range'] ?? 'none'));
    await open(`memory/${id}/show`, 'audio');
    const heard = await page.evaluate<{ duration: number; at: number; error: string | null }>(HEAR_AND_SEEK);
    expect(heard.error).toBeNull();
    expect(heard.duration).toBeGreaterThan(29);
    expect(heard.at).toBeGreaterThanOrEqual(20);
    expect(ranges.some((range) => range.startsWith('bytes='))).toBe(true);
    await context.close();
  });

  it('a failed job is retried, and it is written down by whom', async () => {
    const id = await fail();
    const { context, page, open, name } = await browsers.visit('operator');
    await open(`jobs/${id}/show`, '.show-page dl');
    await page.getByText('PROVIDER_UNAVAILABLE').waitFor();
    await page.getByRole('button', { name: 'Retry' }).click();
    await page.getByText('Queued again').waitFor();
    expect(await query('select state, error_code from ai_job where id = $1', [id])).toEqual([{ state: 'queued', error_code: null }]);
    expect(await query('select actor, action from ai_audit_log where subject = $1', [id])).toEqual([
      { actor: name, action: 'job.retried' },
    ]);
    await context.close();
  });

  it('a key is revoked after a question', async () => {
    await createApiKey(browsers.site.database, {
      name: 'old-backend',
      role: 'app',
      scopes: null,
      requestsPerMinute: null,
      actor: 'mika',
    });
    const { context, page, open } = await browsers.visit('admin');
    await open('api-keys', '.datatable-body tr');
    await page
      .getByRole('row', { name: /old-backend/ })
      .getByRole('button', { name: 'Revoke' })
      .click();
    const question = page.getByRole('dialog');
    await question.getByText('Revoke the key old-backend?').waitFor();
    await question.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('old-backend is revoked').waitFor();
    expect(await query(`select revoked_at is not null as revoked from ai_api_key where name = 'old-backend'`)).toEqual([{ revoked: true }]);
    await context.close();
  });

  it('answers are marked stale and served again, and forgotten for good only by operators and after a question', async () => {
    await remember('bulk', 3);
    const address = `memory?filter=${encodeURIComponent(JSON.stringify({ requestType: 'bulk', allVersions: 'true' }))}`;
    const reviewer = await browsers.visit('reviewer');
    await reviewer.open(address, '.datatable-body tr');
    const choose = async (page: typeof reviewer.page, count: number): Promise<void> => {
      for (const box of (await page.locator('tbody input[type="checkbox"]').all()).slice(0, count)) await box.check();
    };
    const current = async () =>
      (await query<{ n: number }>(`select count(*)::integer as n from ai_memory where request_type = 'bulk' and is_current`))[0]?.n;
    await choose(reviewer.page, 2);
    expect(await reviewer.page.getByRole('button', { name: 'Forget' }).count()).toBe(0);
    await reviewer.page.getByRole('button', { name: 'Mark stale' }).click();
    await reviewer.page.getByText('2 answers marked stale').waitFor();
    expect(await current()).toBe(1);
    await reviewer.page.getByRole('button', { name: 'Undo' }).click();
    await reviewer.page.getByText('2 answers served again').waitFor();
    expect(await current()).toBe(3);
    await reviewer.context.close();

    const operator = await browsers.visit('operator');
    await operator.open(address, '.datatable-body tr');
    await choose(operator.page, 2);
    await operator.page.getByRole('button', { name: 'Compare' }).click();
    await operator.page.locator('[data-compare] pre').first().waitFor();
    expect(await operator.page.locator('[data-compare] pre').allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^answer \d$/)]),
    );
    await operator.page.goBack();
    await operator.page.locator('.datatable-body tr').first().waitFor();
    await operator.page.getByRole('button', { name: 'Forget' }).click();
    await operator.page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
    await operator.page.getByText('2 answers forgotten').waitFor();
    expect(await current()).toBe(1);
    await operator.context.close();
  });

  it('a cheaper tier that is measured to be good enough is taken by one click, and taken back', async () => {
    await query(
      `insert into ai_provider_config (provider, model_name, kind, tier, cost_per_million_tokens, quality_score, is_active) values
         ('openai', 'large', 'text', 'normal', 20, 0.9, true), ('openai', 'small', 'text', 'cheap', 1, 0.8, true)`,
    );
    await query(
      `insert into ai_price (provider, model_name, effective_from, input_nano_usd, output_nano_usd, source) values
         ('openai', 'large', '2026-01-01', 20000000000, 20000000000, 'test'), ('openai', 'small', '2026-01-01', 1000000000, 1000000000, 'test')`,
    );
    await query(
      `insert into ai_daily_cost (day, provider, model, kind, request_type, selection_mode, simulated, requests, successes, failures, cache_hits,
         in_flight_hits, paid_calls, unpriced, input_tokens, cached_tokens, output_tokens, characters, cost_nano_usd, saved_nano_usd, latency_sum_ms,
         latency_histogram)
       values ((now() at time zone 'UTC')::date, 'openai', 'large', 'text', 'report', 'auto', false, 900, 900, 0, 0, 0, 900, 0, 900000, 0, 900000, 0,
         36000000000, 0, 100, '{}')`,
    );
    await query(
      `insert into ai_memory (id, prompt_hash, scope, kind, request_type, prompt_text, generated_text, provider, model, simulated, user_rating, rating_count)
       select gen_random_uuid(), 'report ' || n, 'shared', 'text', 'report', 'a question', 'an answer', 'openai', 'small', false, 5, 1
       from generate_series(1, 60) n`,
    );
    const tierNow = async () =>
      (await query<{ tier: string | null }>(`select tier from ai_request_type_policy where request_type = 'report'`))[0]?.tier ?? null;
    const { context, page, open, complaints, inspect } = await browsers.visit('admin');
    await open('cheaper-tiers', '[data-tiers] dl');
    const barriers = await inspect('cheaper-tiers');
    await page.getByText('openai/small saves').waitFor();
    await page.getByRole('button', { name: 'Use the cheap tier' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('report is answered by the cheap tier').waitFor();
    expect(await tierNow()).toBe('cheap');
    await page.getByRole('button', { name: 'Take back' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('report is answered as before').waitFor();
    expect(await tierNow()).toBeNull();
    expect([...barriers, ...complaints]).toEqual([]);
    await context.close();
  });
});
