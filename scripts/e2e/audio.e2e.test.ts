import { checkInvariants, checkRollUp, objectKey, replaceVoices, rollUp } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIO_ROLES, startFleet, type Fleet } from './fleet.ts';

const LILY = 'pFZP5JQG7iQjIQuC4Bku';
const TIMEOUT = { timeoutMs: 60_000 } as const;

describe('speech', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis', roles: AUDIO_ROLES, simulator: { speech: 'tiled', keepPrompts: true } });
  });
  afterAll(() => fleet.stop());

  it('is bought once, kept as an object, and remembered', async () => {
    const request = { text: 'Welcome to lesson five. Today we count to ten.', language: 'en', ...TIMEOUT };
    const first = await fleet.aiCore.generateAudio(request);
    expect(first).toMatchObject({
      provider: 'elevenlabs',
      model: 'eleven_multilingual_v2',
      cached: false,
      source: 'provider',
      simulated: true,
    });
    expect(first.audio).toHaveLength(first.bytes);
    expect(first.seconds).toBeGreaterThan(1);
    expect(first.costNanoUsd).toBeGreaterThan(0n);
    expect(first.memoryId).not.toBeNull();
    const second = await fleet.aiCore.generateAudio(request);
    expect(second).toMatchObject({
      cached: true,
      source: 'memory',
      costNanoUsd: 0n,
      savedNanoUsd: first.costNanoUsd,
      sha256: first.sha256,
    });
    expect(Buffer.compare(second.audio, first.audio)).toBe(0);
    const linked = await fetch(second.url, { headers: { range: 'bytes=0-99' } });
    expect(linked.status).toBe(206);
    expect(linked.headers.get('content-type')).toBe('audio/mpeg');
    expect(fleet.simulator.bill()).toHaveLength(1);
  });

  it('knows a voice by its name and by its id as the same question', async () => {
    const since = fleet.simulator.bill().length;
    const request = { text: 'One voice, two names.', language: 'en', ...TIMEOUT };
    const byName = await fleet.aiCore.generateAudio({ ...request, voiceId: 'Lily' });
    const byId = await fleet.aiCore.generateAudio({ ...request, voiceId: LILY });
    expect([byName.source, byId.source]).toEqual(['provider', 'memory']);
    expect(fleet.simulator.bill().length).toBe(since + 1);
    await expect(fleet.aiCore.generateAudio({ ...request, voiceId: 'Lilly' })).rejects.toMatchObject({ code: 'VOICE_UNKNOWN' });
  });

  it('knows the voices of the account that the worker has read', async () => {
    await expect
      .poll(
        async () => (await fleet.database.pool.query(`select 1 from ai_voice where provider = 'elevenlabs' and name = 'Brian'`)).rowCount,
        { timeout: 10_000 },
      )
      .toBe(1);
    await replaceVoices(fleet.database, 'elevenlabs', [{ voiceId: 'nPczCjzI2devNBz1zQrb', name: 'Our Teacher - calm', languages: ['en'] }]);
    const request = { text: 'A name that only we know.', language: 'en', ...TIMEOUT };
    await expect
      .poll(
        () =>
          fleet.aiCore.generateAudio({ ...request, voiceId: 'our teacher' }).then(
            ({ source }) => source,
            () => 'unknown',
          ),
        { timeout: 10_000 },
      )
      .toBe('provider');
    expect((await fleet.aiCore.generateAudio({ ...request, voiceId: 'nPczCjzI2devNBz1zQrb' })).source).toBe('memory');
    const { rows } = await fleet.database.pool.query<{ n: bigint }>('select count(*) as n from ai_voice');
    expect(rows[0]?.n).toBe(1n);
  });

  it('takes the default engine of a provider that is named without a model', async () => {
    const request = { text: 'こんにちは。', language: 'ja', provider: 'google_tts', ...TIMEOUT } as const;
    const short = await fleet.aiCore.generateAudio(request);
    const long = await fleet.aiCore.generateAudio({ ...request, model: 'neural2', voiceId: 'ja-JP-Neural2-B' });
    expect(short).toMatchObject({ provider: 'google_tts', model: 'neural2', source: 'provider' });
    expect(long).toMatchObject({ source: 'memory', memoryId: short.memoryId });
  });

  it('speaks each language with a voice of it', async () => {
    const voiceOf = async (language: string, text: string): Promise<string | undefined> => {
      const answer = await fleet.aiCore.generateAudio({ text, language, provider: 'google_tts', ...TIMEOUT });
      const { rows } = await fleet.database.pool.query<{ voice: string }>(
        `select request ->> 'voice' as voice from ai_job where memory_id = $1`,
        [answer.memoryId],
      );
      return rows[0]?.voice;
    };
    expect(await voiceOf('en', 'A voice for each language.')).toBe('en-US-Neural2-F');
    expect(await voiceOf('ja', 'それぞれの言語に声があります。')).toBe('ja-JP-Neural2-B');
    expect(await voiceOf('de-AT', 'Für jede Sprache eine Stimme.')).toBe('de-DE-Neural2-F');
  });

  it('is made anew when its MP3 is gone, for the caller who notices it', async () => {
    const request = { text: 'This one will be lost.', language: 'en', ...TIMEOUT };
    const first = await fleet.aiCore.generateAudio(request);
    const since = fleet.simulator.bill().length;
    await fleet.objects.delete(objectKey({ simulated: true, sha256: first.sha256 }));
    const repaired = await fleet.aiCore.generateAudio(request);
    expect(repaired).toMatchObject({ source: 'provider', sha256: first.sha256 });
    expect(repaired.memoryId).not.toBe(first.memoryId);
    expect(Buffer.compare(repaired.audio, first.audio)).toBe(0);
    expect(fleet.simulator.bill().length).toBe(since + 1);
    expect((await fleet.aiCore.generateAudio(request)).source).toBe('memory');
  });

  it('is looked at before it is promised by link, when it was not seen for a day', async () => {
    const request = { text: 'Nobody has seen this one for long.', language: 'en' };
    const first = await fleet.aiCore.generateAudio({ ...request, ...TIMEOUT });
    await fleet.objects.delete(objectKey({ simulated: true, sha256: first.sha256 }));
    await fleet.database.pool.query(`update ai_memory set audio_seen_at = now() - interval '25 hours' where id = $1`, [first.memoryId]);
    const other = await fleet.openAiCore();
    const handle = await other.enqueueAudio(request);
    expect(handle.outcome).toBe('created');
    const { url } = await handle.link(TIMEOUT);
    expect((await fetch(url)).status).toBe(200);
    expect((await other.enqueueAudio(request)).outcome).toBe('hit');
    await other.close();
  });

  it.for([
    ['empty', 'PROVIDER_BAD_ANSWER'],
    ['audio-cut', 'PROVIDER_BAD_ANSWER'],
    ['audio-json', 'PROVIDER_BAD_ANSWER'],
    ['html', 'PROVIDER_BAD_ANSWER'],
  ] as const)('of %s ends as %s and is never remembered', async ([fault, code]) => {
    const request = { text: `Bad sound by ${fault}. [[fault:${fault}]]`, language: 'en', provider: 'elevenlabs', ...TIMEOUT } as const;
    await expect(fleet.aiCore.generateAudio(request)).rejects.toMatchObject({ code });
    const { rows } = await fleet.database.pool.query<{ n: bigint }>('select count(*) as n from ai_memory where prompt_text = $1', [
      request.text,
    ]);
    expect(rows[0]?.n).toBe(0n);
  });

  it('of personal data says it, and keeps it out of the ledger and away from everybody else', async () => {
    const text = 'Please write to marked.listener@canary.example.org today.';
    const request = { text, language: 'en', ...TIMEOUT };
    const first = await fleet.aiCore.generateAudio(request);
    expect(fleet.simulator.control().prompts()).toContain(text);
    expect(first).toMatchObject({ source: 'provider', memoryId: null });
    expect(first.audio.length).toBe(first.bytes);
    const second = await fleet.aiCore.generateAudio(request);
    expect(second).toMatchObject({ source: 'provider', memoryId: null });
    for (const table of ['ai_job', 'ai_memory', 'ai_usage_log', 'ai_attempt', 'ai_job_caller']) {
      const { rows } = await fleet.database.pool.query<{ n: bigint }>(
        `select count(*) as n from ${table} t where to_jsonb(t)::text like '%marked.listener%'`,
      );
      expect(rows[0]?.n, table).toBe(0n);
    }
  });

  it('is refused by name where there is no object store', async () => {
    const textOnly = await fleet.openAiCore({ s3: undefined });
    await expect(textOnly.generateAudio({ text: 'Hello', language: 'en' })).rejects.toThrow('speech needs an object store');
    await textOnly.close();
  });

  // Near the end: a refused key opens the provider's circuit.
  it('passes a wish for a voice on to another provider only when its own cannot speak, and says so', async () => {
    fleet.simulator.control().addFault({ provider: 'elevenlabs', fault: 'unauthenticated' });
    const answer = await fleet.aiCore.generateAudio({ text: 'Lily is ill today.', language: 'en', voiceId: 'Lily', ...TIMEOUT });
    fleet.simulator.control().clearFaults();
    expect(answer.provider).not.toBe('elevenlabs');
    expect(answer.ignoredOptions).toEqual(['voice_id']);
  });

  it('leaves sound accounts', async () => {
    await fleet.aiCore.close();
    await rollUp(fleet.database);
    expect((await checkRollUp(fleet.database)).differences).toEqual([]);
    expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
  });
});
