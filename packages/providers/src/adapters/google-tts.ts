/** Google Cloud Text-to-Speech: speech, by plain REST. Its SDK brings gRPC for what is one POST. */
import { PCM_RATE, type SpeechFormat } from '@ai-core/core';
import { z } from 'zod';
import { wantedVoice } from '../wanted-voice.ts';
import { ProviderFailure } from '../failure.ts';
import { toLocale } from '../locale.ts';
import { mapSpeechOptions } from '../map-speech-options.ts';
import type { ProviderFactory, SpeechCall } from '../provider.ts';
import { requireKey } from '../require-key.ts';
import { characterUsage, runSpeechCall } from '../run-speech-call.ts';

const OWN_ADDRESS = 'https://texttospeech.googleapis.com';

/** A voice's name holds its language and its family, and the family is what is billed: ja-JP-Neural2-B. */
const VOICE = /^([a-z]{2,3}-[A-Z]{2})-([A-Za-z0-9]+(?:-HD)?)-\w+$/;

/** A first voice of each family, for languages that the configuration names none for. */
const FAMILIES: Readonly<Record<string, string>> = {
  standard: 'Standard-A',
  wavenet: 'Wavenet-A',
  neural2: 'Neural2-A',
  studio: 'Studio-O',
  'chirp3-hd': 'Chirp3-HD-Kore',
};

/** LINEAR16 comes with a WAV header, PCM without. */
const ENCODINGS: Readonly<Partial<Record<SpeechFormat, { audioEncoding: string; sampleRateHertz?: number }>>> = {
  mp3: { audioEncoding: 'MP3' },
  opus: { audioEncoding: 'OGG_OPUS' },
  wav: { audioEncoding: 'LINEAR16', sampleRateHertz: PCM_RATE },
  pcm: { audioEncoding: 'PCM', sampleRateHertz: PCM_RATE },
};

const OPTIONS = { speed: z.number().min(0.25).max(2), pitch: z.number().min(-20).max(20) };
const Answer = z.object({ audioContent: z.string().nullish() });

interface Voice {
  readonly name: string;
  readonly locale: string;
  /** Named as models are: neural2, chirp3-hd. */
  readonly family: string;
}

function voiceOf(call: SpeechCall): Voice {
  const name = wantedVoice(call) ?? `${toLocale(call.language)}-${FAMILIES[call.model] ?? call.model}`;
  const [, locale, family] = VOICE.exec(name) ?? [];
  if (locale === undefined || family === undefined) {
    throw new ProviderFailure('VOICE_UNKNOWN', 'a voice of google_tts is named like ja-JP-Neural2-B', { charged: 'no' });
  }
  return { name, locale, family: family.toLowerCase() };
}

export const googleTts: ProviderFactory = ({ apiKey, baseUrl }) => ({
  name: 'google_tts',
  generateSpeech(call) {
    const { taken, ignoredOptions } = mapSpeechOptions(call.options, OPTIONS);
    return runSpeechCall(call, {
      provider: 'google_tts',
      ignoredOptions,
      async ask(watched) {
        const voice = voiceOf(call);
        const response = await watched.fetch(`${baseUrl ?? OWN_ADDRESS}/v1/text:synthesize`, {
          method: 'POST',
          headers: {
            'x-goog-api-key': requireKey('google_tts', apiKey),
            'content-type': 'application/json',
            'x-client-request-id': call.attemptId,
          },
          body: JSON.stringify({
            input: { text: call.text },
            voice: { languageCode: voice.locale, name: voice.name },
            audioConfig: { ...ENCODINGS[call.format], speakingRate: taken.speed, pitch: taken.pitch },
          }),
        });
        if (!response.ok) throw new Error('The call was refused.');
        const { audioContent } = Answer.parse(await response.json());
        const audio = Buffer.from(audioContent ?? '', 'base64');
        return { audio, ending: 'complete', endingWord: null, model: voice.family, usage: characterUsage(call.text), rawUsage: null };
      },
    });
  },
});
