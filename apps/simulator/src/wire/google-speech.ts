import { z } from 'zod';
import { RefusalError } from '../refusal-error.ts';
import type { Packing } from '../pack-sound.ts';
import { MP3_ENCODING, PCM_ENCODING } from '../speech.ts';
import { GOOGLE_VOICE } from '../speech-voices.ts';
import { googleTts } from '../vendors/google.ts';
import { jsonReply, type PaidRoute } from '../wire.ts';

const Body = z.strictObject({
  input: z.strictObject({ text: z.string().min(1) }),
  voice: z.strictObject({ languageCode: z.string().min(2), name: z.string().optional() }),
  audioConfig: z.strictObject({
    audioEncoding: z.enum(['MP3', 'OGG_OPUS', 'LINEAR16', 'PCM']),
    speakingRate: z.number().min(0.25).max(2).optional(),
    pitch: z.number().min(-20).max(20).optional(),
    sampleRateHertz: z.literal(24_000).optional(),
  }),
});

const PACKINGS: Readonly<Record<string, Packing | undefined>> = { OGG_OPUS: 'opus', LINEAR16: 'wav' };

const LONGEST_BYTES = 5_000;

function refuse(message: string): RefusalError {
  return new RefusalError(jsonReply({ error: { code: 400, message, status: 'INVALID_ARGUMENT' } }, { status: 400 }));
}

/** POST /v1/text:synthesize. Billed by characters, by the family of the voice. */
export const googleSpeech: PaidRoute = {
  kind: 'paid',
  wire: 'google-speech',
  vendor: googleTts,
  method: 'POST',
  path: /^\/v1\/text:synthesize$/,
  read(request) {
    const { input, voice, audioConfig } = Body.parse(request.body);
    if (Buffer.byteLength(input.text) > LONGEST_BYTES)
      throw refuse(`Either \`input.text\` or \`input.ssml\` is longer than the limit of ${LONGEST_BYTES} bytes.`);
    const name = voice.name ?? `${voice.languageCode}-Standard-A`;
    const family = GOOGLE_VOICE.exec(name);
    if (family?.[1] !== voice.languageCode) throw refuse(`Voice '${name}' does not exist. Is it misspelled?`);
    return {
      kind: 'speech',
      order: {
        model: (family[2] ?? '').toLowerCase(),
        prompt: input.text,
        input: input.text,
        stream: false,
        billedBy: 'characters',
        utterance: {
          text: input.text,
          language: voice.languageCode,
          voice: name,
          speed: audioConfig.speakingRate ?? 1,
          encoding: audioConfig.audioEncoding === 'MP3' ? MP3_ENCODING : PCM_ENCODING,
        },
        packing: PACKINGS[audioConfig.audioEncoding],
      },
      reply: ({ audio, outcome }) => jsonReply(outcome === 'nothing' ? {} : { audioContent: Buffer.from(audio).toString('base64') }),
    };
  },
};
