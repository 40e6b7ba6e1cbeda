import { z } from 'zod';
import { RefusalError } from '../refusal-error.ts';
import type { Packing } from '../pack-sound.ts';
import { MP3_ENCODING, PCM_ENCODING, type Utterance } from '../speech.ts';
import { ELEVENLABS_VOICES } from '../speech-voices.ts';
import { elevenlabs } from '../vendors/elevenlabs.ts';
import { jsonReply, type PaidRoute } from '../wire.ts';

const Body = z.strictObject({
  text: z.string().min(1),
  model_id: z.string().default('eleven_multilingual_v2'),
  language_code: z.string().optional(),
  seed: z.int().min(0).max(4_294_967_295).optional(),
  voice_settings: z
    .strictObject({
      stability: z.number().min(0).max(1).optional(),
      similarity_boost: z.number().min(0).max(1).optional(),
      style: z.number().min(0).max(1).optional(),
      use_speaker_boost: z.boolean().optional(),
      speed: z.number().min(0.7).max(1.2).optional(),
    })
    .optional(),
  apply_text_normalization: z.enum(['auto', 'on', 'off']).optional(),
});

interface Form {
  readonly encoding: Utterance['encoding'];
  readonly packing?: Packing;
  readonly contentType: string;
}

const FORMATS: Readonly<Record<string, Form>> = {
  mp3_44100_128: { encoding: MP3_ENCODING, contentType: 'audio/mpeg' },
  pcm_24000: { encoding: PCM_ENCODING, contentType: 'audio/pcm' },
  opus_48000_64: { encoding: PCM_ENCODING, packing: 'opus', contentType: 'audio/ogg' },
};

/** Largest texts, in characters. */
const LONGEST: Readonly<Record<string, number>> = {
  eleven_multilingual_v2: 10_000,
  eleven_flash_v2_5: 40_000,
  eleven_v3: 5_000,
  eleven_v4: 10_000,
};

/** Calls at once that the emulated account may make; told with every answer, and not enforced. */
const MOST_AT_ONCE = 30;

/** Credits for each character; the plan says what a credit costs. */
const CREDITS: Readonly<Record<string, number>> = { eleven_flash_v2_5: 0.5 };

/** POST /v1/text-to-speech/{voice_id}. What it cost stands in a header, in credits. */
export const elevenlabsSpeech: PaidRoute = {
  kind: 'paid',
  wire: 'elevenlabs-speech',
  vendor: elevenlabs,
  method: 'POST',
  path: /^\/v1\/text-to-speech\/([^/]+)$/,
  read({ body, query, groups }) {
    const format = query.get('output_format') ?? 'mp3_44100_128';
    const form = FORMATS[format];
    if (form === undefined) throw new Error(`output_format ${format} is not emulated; use ${Object.keys(FORMATS).join(', ')}.`);
    const { text, model_id: model, language_code: language, voice_settings: settings } = Body.parse(body);
    const voice = decodeURIComponent(groups[0] ?? '');
    if (!ELEVENLABS_VOICES.some((known) => known.voice_id === voice)) {
      throw new RefusalError(
        jsonReply({ detail: { status: 'voice_not_found', message: 'A voice with that id was not found.' } }, { status: 404 }),
      );
    }
    const characters = Array.from(text).length;
    if (characters > (LONGEST[model] ?? 10_000)) throw new RefusalError('context');
    return {
      kind: 'speech',
      order: {
        model,
        prompt: text,
        input: text,
        stream: false,
        billedBy: 'characters',
        utterance: { text, language, voice, speed: settings?.speed ?? 1, encoding: form.encoding },
        packing: form.packing,
      },
      reply: ({ audio, id }) => ({
        status: 200,
        headers: {
          'content-type': form.contentType,
          'current-concurrent-requests': '1',
          'maximum-concurrent-requests': String(MOST_AT_ONCE),
          'character-cost': String(Math.ceil(characters * (CREDITS[model] ?? 1))),
          'history-item-id': id,
        },
        body: audio,
      }),
    };
  },
};
