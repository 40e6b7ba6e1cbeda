/** ElevenLabs: speech. Its SDK takes two seconds and 110 MB to load for what is one POST, so this is plain fetch. */
import type { SpeechFormat } from '@ai-core/core';
import { z } from 'zod';
import { wantedVoice } from '../wanted-voice.ts';
import { ProviderFailure } from '../failure.ts';
import { primaryTag } from '../locale.ts';
import { mapFailure } from '../map-failure.ts';
import { mapSpeechOptions } from '../map-speech-options.ts';
import type { ListedVoice, ListingCall, ProviderFactory, ProviderSettings, SpeechCall } from '../provider.ts';
import { readSound } from '../read-sound.ts';
import { requireKey } from '../require-key.ts';
import { toWav } from '../to-wav.ts';
import { characterUsage, runSpeechCall } from '../run-speech-call.ts';
import { watchCall } from '../watch-call.ts';

const OWN_ADDRESS = 'https://api.elevenlabs.io';
/** As the vendor calls them; a WAV file is its samples behind a header. */
const FORMATS: Readonly<Partial<Record<SpeechFormat, string>>> = {
  mp3: 'mp3_44100_128',
  opus: 'opus_48000_64',
  wav: 'pcm_24000',
  pcm: 'pcm_24000',
};

/** Lily, which the documentation of the vendor lists among the voices that every account has. */
const LILY = 'pFZP5JQG7iQjIQuC4Bku';
const VOICE_ID = /^[A-Za-z0-9]{20,}$/;
const Voice = z.object({
  voice_id: z.string(),
  name: z.string(),
  verified_languages: z.array(z.object({ language: z.string() })).nullish(),
});
const Voices = z.object({ voices: z.array(Voice), has_more: z.boolean().nullish(), next_page_token: z.string().nullish() });
/** More voices than this no account has; a listing that does not end is a fault of the other side. */
const MOST_PAGES = 100;

/** The model that finds out the language by itself and refuses to be told. */
const NO_LANGUAGE_CODE = /multilingual_v2/;

const share = z.number().min(0).max(1);
const OPTIONS = {
  speed: z.number().min(0.7).max(1.2),
  stability: share,
  similarity_boost: share,
  style: share,
  seed: z.int().min(0).max(4_294_967_295),
};

/** The names people call a voice by: "Lily" is also the voice listed as "Lily - Velvety Actress". */
function isCalled(listed: string, name: string): boolean {
  const [full, short] = [listed.toLowerCase(), listed.toLowerCase().split(' - ')[0]?.trim()];
  return full === name || short === name;
}

/** A header's whole number above 0, or null. */
function readCount(text: string | null): number | null {
  const count = Number(text);
  return Number.isSafeInteger(count) && count > 0 ? count : null;
}

/** One page of the account's voices. */
async function readVoices(
  query: Readonly<Record<string, string>>,
  call: ListingCall,
  { apiKey, baseUrl }: ProviderSettings,
): Promise<z.output<typeof Voices>> {
  const key = requireKey('elevenlabs', apiKey);
  const watched = watchCall(call);
  try {
    const search = new URLSearchParams({ ...query, page_size: '100' }).toString();
    const response = await watched.fetch(`${baseUrl ?? OWN_ADDRESS}/v2/voices?${search}`, { headers: { 'xi-api-key': key } });
    if (!response.ok) throw new Error('The list of voices was refused.');
    return Voices.parse(await response.json());
  } catch (error) {
    throw mapFailure(error, { provider: 'elevenlabs', watched, callerSignal: call.signal, free: true });
  } finally {
    watched.end();
  }
}

async function findVoice(name: string, call: SpeechCall, settings: ProviderSettings): Promise<string> {
  const { voices } = await readVoices({ search: name }, call, settings);
  const found = voices.find((voice) => isCalled(voice.name, name));
  if (found) return found.voice_id;
  throw new ProviderFailure('VOICE_UNKNOWN', 'elevenlabs has no voice of that name on this account', { charged: 'no' });
}

async function listVoices(call: ListingCall, settings: ProviderSettings): Promise<ListedVoice[]> {
  const listed: ListedVoice[] = [];
  let query: Record<string, string> = {};
  for (let page = 0; page < MOST_PAGES; page++) {
    const { voices, has_more: hasMore, next_page_token: token } = await readVoices(query, call, settings);
    for (const { voice_id: voiceId, name, verified_languages: verified } of voices) {
      listed.push({ voiceId, name, languages: [...new Set((verified ?? []).map(({ language }) => language))] });
    }
    if (hasMore !== true || token == null) break;
    query = { next_page_token: token };
  }
  return listed;
}

export const elevenlabs: ProviderFactory = (settings) => {
  const knownVoices = new Map<string, string>([['lily', LILY]]);

  async function resolveVoice(call: SpeechCall): Promise<string> {
    const voice = wantedVoice(call) ?? LILY;
    if (VOICE_ID.test(voice)) return voice;
    const name = voice.trim().toLowerCase();
    const id = knownVoices.get(name) ?? (await findVoice(name, call, settings));
    knownVoices.set(name, id);
    return id;
  }

  return {
    name: 'elevenlabs',
    listVoices: (call) => listVoices(call, settings),
    async generateSpeech(call) {
      const voiceId = await resolveVoice(call);
      const { taken, ignoredOptions } = mapSpeechOptions(call.options, OPTIONS);
      const { seed, ...voiceSettings } = taken;
      return runSpeechCall(call, {
        provider: 'elevenlabs',
        ignoredOptions,
        async ask(watched) {
          const response = await watched.fetch(
            `${settings.baseUrl ?? OWN_ADDRESS}/v1/text-to-speech/${voiceId}?output_format=${FORMATS[call.format]}`,
            {
              method: 'POST',
              headers: {
                'xi-api-key': requireKey('elevenlabs', settings.apiKey),
                'content-type': 'application/json',
                accept: call.format === 'mp3' ? 'audio/mpeg' : '*/*',
                'x-client-request-id': call.attemptId,
              },
              body: JSON.stringify({
                text: call.text,
                model_id: call.model,
                ...(NO_LANGUAGE_CODE.test(call.model) ? {} : { language_code: primaryTag(call.language) }),
                ...(seed === undefined ? {} : { seed }),
                ...(Object.keys(voiceSettings).length > 0 ? { voice_settings: voiceSettings } : {}),
              }),
            },
          );
          if (!response.ok) throw new Error('The call was refused.');
          const sound = await readSound(response);
          const audio = call.format === 'wav' ? toWav(sound) : sound;
          // Credits, not characters: what they cost depends on the plan. Kept for reconciling with the vendor's bill.
          const rawUsage = { character_cost: response.headers.get('character-cost') };
          const mostAtOnce = readCount(response.headers.get('maximum-concurrent-requests'));
          return { audio, ending: 'complete', endingWord: null, model: null, usage: characterUsage(call.text), rawUsage, mostAtOnce };
        },
      });
    },
  };
};
