import { checkInvariants, checkRollUp, rollUp } from '@ai-core/store';
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

  it('takes the default engine of a provider that is named without a model', async () => {
    const request = { text: 'こんにちは。', language: 'ja', provider: 'google_tts', ...TIMEOUT } as const;
    const short = await fleet.aiCore.generateAudio(request);
    const long = await fleet.aiCore.generateAudio({ ...request, model: 'neural2', voiceId: 'ja-JP-Neural2-B' });
    expect(short).toMatchObject({ provider: 'google_tts', model: 'neural2', source: 'provider' });
    expect(long).toMatchObject({ source: 'memory', memoryId: short.memoryId });
  });

  it('leaves sound accounts', async () => {
    await fleet.aiCore.close();
    await rollUp(fleet.database);
    expect((await checkRollUp(fleet.database)).differences).toEqual([]);
    expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
  });
});
