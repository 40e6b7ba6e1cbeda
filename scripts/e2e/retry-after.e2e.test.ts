import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIO_ROLES, startFleet, type Fleet } from './fleet.ts';

const TEXTS = [
  ['openai', 'gpt-6-luna'],
  ['claude', 'claude-haiku-5-5'],
  ['gemini', 'gemini-3.5-flash-lite'],
  ['local_small_model', 'zporta_v1'],
] as const;
const VOICES = [
  ['openai', 'tts-1'],
  ['gemini', 'gemini-3.8-flash-lite-tts'],
  ['elevenlabs', 'eleven_multilingual_v2'],
  ['google_tts', 'neural2'],
] as const;
const RETRY_AFTER_S = 120;
/** Long enough for the wait of any SDK that would ask again by itself: their own begin at half a second. */
const WATCHED_MS = 5_000;

describe(`a provider that answers 429 with Retry-After: ${RETRY_AFTER_S}`, () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({
      queue: 'redis',
      roles: `text-openai,text-claude,text-gemini,text-local,${AUDIO_ROLES}`,
      simulator: { speech: 'tiled' },
    });
    for (const [provider] of [...TEXTS, ...VOICES])
      fleet.simulator.control().addFault({ provider, fault: `rate-limit?retry-after=${RETRY_AFTER_S}` });
  });
  afterAll(() => fleet.stop());

  it('is called once by each adapter, and not again before that time is over', async () => {
    const handles = await Promise.all([
      ...TEXTS.map(([provider, model]) => fleet.aiCore.enqueueText({ requestType: 'quiz', prompt: `Ask ${provider}`, provider, model })),
      ...VOICES.map(([provider, model]) => fleet.aiCore.enqueueAudio({ text: `Speak, ${provider}.`, language: 'en', provider, model })),
    ]);
    const calls = () => fleet.simulator.control().calls();
    await expect.poll(() => calls().length, { timeout: 20_000 }).toBe(handles.length);
    const waits = async () => {
      const { rows } = await fleet.database.pool.query<{ waits: number }>(
        `select extract(epoch from j.run_after - a.started_at)::float8 as waits from ai_job j join ai_attempt a on a.job_id = j.id
         where j.id = any($1) and j.state = 'queued' and a.error_code = 'PROVIDER_RATE_LIMITED'`,
        [handles.map((handle) => handle.jobId)],
      );
      return rows.map((row) => row.waits);
    };
    await expect.poll(async () => (await waits()).length, { timeout: 10_000 }).toBe(handles.length);
    for (const wait of await waits()) expect(wait).toBeGreaterThanOrEqual(RETRY_AFTER_S);
    await new Promise((resolve) => setTimeout(resolve, WATCHED_MS));
    expect(
      calls()
        .map((call) => `${call.provider} ${call.model}`)
        .toSorted(),
    ).toEqual([...TEXTS, ...VOICES].map(([provider, model]) => `${provider} ${model}`).toSorted());
  });
});
