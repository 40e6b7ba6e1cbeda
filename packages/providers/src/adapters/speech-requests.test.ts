import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startRecordingServer } from '../conformance/recording-server.ts';
import { isProviderFailure } from '../failure.ts';
import type { SpeechCall } from '../provider.ts';
import { createProvider } from '../registry.ts';

const FRAME = Buffer.alloc(417);
FRAME.set([0xff, 0xfb, 0x90, 0xc4]);
/** 1.6 s, as long as the text may take. */
const MP3 = Buffer.concat(Array.from({ length: 60 }, () => FRAME));

const TIMEOUTS = { connect: 5_000, firstByte: 5_000, idle: 5_000, total: 10_000 };

function speechCall(changes: Partial<SpeechCall> = {}): SpeechCall {
  const signal = new AbortController().signal;
  return {
    model: 'm',
    attemptId: randomUUID(),
    signal,
    timeouts: TIMEOUTS,
    options: {},
    text: '日本語 one',
    language: 'ja',
    voice: null,
    format: 'mp3',
    ...changes,
  };
}

const VOICES = JSON.stringify({
  voices: [
    { voice_id: 'AAAAAAAAAAAAAAAAAAAA', name: 'Matilda - Warm' },
    { voice_id: 'B'.repeat(20), name: 'Matilda Two' },
  ],
});

async function elevenlabs() {
  const vendor = await startRecordingServer(({ url }) =>
    url.startsWith('/v2/voices') ? { type: 'application/json', body: VOICES } : { type: 'audio/mpeg', body: MP3 },
  );
  const provider = await createProvider('elevenlabs', { apiKey: 'xi-key', baseUrl: vendor.url });
  const speak = async (changes: Partial<SpeechCall>) => provider.generateSpeech?.(speechCall(changes));
  return { seen: vendor.recorded, speak, [Symbol.asyncDispose]: () => vendor[Symbol.asyncDispose]() };
}

describe('the elevenlabs adapter', () => {
  it('lists the voices of the account page by page', async () => {
    const page = (voices: object[], next: string | null): string =>
      JSON.stringify({ voices, has_more: next !== null, next_page_token: next });
    await using vendor = await startRecordingServer(({ url }) => ({
      type: 'application/json',
      body: url.includes('next_page_token=two')
        ? page([{ voice_id: 'B'.repeat(20), name: 'Yuki' }], null)
        : page(
            [{ voice_id: 'A'.repeat(20), name: 'Tom', verified_languages: [{ language: 'en' }, { language: 'en' }, { language: 'ja' }] }],
            'two',
          ),
    }));
    const provider = await createProvider('elevenlabs', { apiKey: 'xi-key', baseUrl: vendor.url });
    expect(await provider.listVoices?.({ signal: new AbortController().signal, timeouts: TIMEOUTS })).toEqual([
      { voiceId: 'A'.repeat(20), name: 'Tom', languages: ['en', 'ja'] },
      { voiceId: 'B'.repeat(20), name: 'Yuki', languages: [] },
    ]);
  });

  it('names the language only to models that take it', async () => {
    await using vendor = await elevenlabs();
    const { seen, speak } = vendor;
    await speak({ model: 'eleven_multilingual_v2' });
    await speak({ model: 'eleven_v3', language: 'ja-JP' });
    expect(seen.map((entry) => entry.body)).toEqual([
      { text: '日本語 one', model_id: 'eleven_multilingual_v2' },
      { text: '日本語 one', model_id: 'eleven_v3', language_code: 'ja' },
    ]);
    expect(seen[0]?.headers).toMatchObject({ 'xi-api-key': 'xi-key' });
  });

  it('speaks with Lily when nobody names a voice or the name is Lily, without asking for the list', async () => {
    await using vendor = await elevenlabs();
    const { seen, speak } = vendor;
    await speak({});
    await speak({ voice: ' lily ' });
    await speak({ voice: 'C'.repeat(20) });
    expect(seen.map((entry) => entry.url.split('?')[0])).toEqual([
      '/v1/text-to-speech/pFZP5JQG7iQjIQuC4Bku',
      '/v1/text-to-speech/pFZP5JQG7iQjIQuC4Bku',
      `/v1/text-to-speech/${'C'.repeat(20)}`,
    ]);
  });

  it('looks up any other name once, and knows a voice by the first part of how it is listed', async () => {
    await using vendor = await elevenlabs();
    const { seen, speak } = vendor;
    await speak({ voice: 'Matilda' });
    await speak({ voice: 'matilda' });
    expect(seen.map((entry) => entry.url)).toEqual([
      '/v2/voices?search=matilda&page_size=100',
      '/v1/text-to-speech/AAAAAAAAAAAAAAAAAAAA?output_format=mp3_44100_128',
      '/v1/text-to-speech/AAAAAAAAAAAAAAAAAAAA?output_format=mp3_44100_128',
    ]);
  });

  it('sends the settings of the voice that the options hold, and keeps the credits of the vendor', async () => {
    await using vendor = await elevenlabs();
    const { seen, speak } = vendor;
    const result = await speak({ options: { speed: 0.9, stability: 0.4, seed: 7, style: 3 } });
    expect(seen[0]?.body).toMatchObject({ seed: 7, voice_settings: { speed: 0.9, stability: 0.4 } });
    expect(result).toMatchObject({ ignoredOptions: ['style'], rawUsage: { character_cost: '12' }, usage: { characters: 7 } });
  });

  it('is not charged when even the list of voices cannot be had', async () => {
    await using vendor = await startRecordingServer(() => ({
      status: 401,
      type: 'application/json',
      body: '{"detail":{"status":"invalid_api_key"}}',
    }));
    const provider = await createProvider('elevenlabs', { apiKey: 'xi-key', baseUrl: vendor.url });
    const failure = await provider.generateSpeech?.(speechCall({ voice: 'Nobody' })).catch((error: unknown) => error);
    expect(isProviderFailure(failure) && [failure.code, failure.charged]).toEqual(['PROVIDER_AUTH', 'no']);
  });
});

describe('the google_tts adapter', () => {
  const answer = { type: 'application/json', body: JSON.stringify({ audioContent: MP3.toString('base64') }) };

  it('takes language and billed family from the name of the voice', async () => {
    await using vendor = await startRecordingServer(() => answer);
    const { url, recorded: seen } = vendor;
    const provider = await createProvider('google_tts', { apiKey: 'g-key', baseUrl: url });
    const result = await provider.generateSpeech?.(
      speechCall({ model: 'neural2', voice: 'ja-JP-Chirp3-HD-Kore', options: { speed: 1.2 } }),
    );
    expect(seen[0]?.body).toEqual({
      input: { text: '日本語 one' },
      voice: { languageCode: 'ja-JP', name: 'ja-JP-Chirp3-HD-Kore' },
      audioConfig: { audioEncoding: 'MP3', speakingRate: 1.2 },
    });
    expect(result).toMatchObject({ model: 'chirp3-hd', usage: { characters: 7 } });
  });

  it('finds a voice of the family of the model when nobody names one', async () => {
    await using vendor = await startRecordingServer(() => answer);
    const { url, recorded: seen } = vendor;
    const provider = await createProvider('google_tts', { apiKey: 'g-key', baseUrl: url });
    await provider.generateSpeech?.(speechCall({ model: 'wavenet', language: 'en-gb' }));
    expect(seen[0]?.body).toMatchObject({ voice: { languageCode: 'en-GB', name: 'en-GB-Wavenet-A' } });
  });
});

describe('the openai adapter', () => {
  it('sends instructions only to engines that take them', async () => {
    await using vendor = await startRecordingServer(() => ({ type: 'audio/mpeg', body: MP3 }));
    const { url, recorded: seen } = vendor;
    const provider = await createProvider('openai', { apiKey: 'key', baseUrl: url });
    const options = { instructions: 'Speak slowly.', speed: 0.8 };
    const old = await provider.generateSpeech?.(speechCall({ model: 'tts-1', options }));
    await provider.generateSpeech?.(speechCall({ model: 'gpt-4o-mini-tts', options }));
    expect(seen.map((entry) => entry.body)).toEqual([
      { model: 'tts-1', input: '日本語 one', voice: 'alloy', response_format: 'mp3', speed: 0.8 },
      { model: 'gpt-4o-mini-tts', input: '日本語 one', voice: 'alloy', response_format: 'mp3', speed: 0.8, instructions: 'Speak slowly.' },
    ]);
    expect(old?.ignoredOptions).toEqual(['instructions']);
  });
});
