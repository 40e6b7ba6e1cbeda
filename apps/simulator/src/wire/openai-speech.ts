import { FORMAT_FACTS, SPEECH_FORMATS } from '@ai-core/core';
import { z } from 'zod';
import { RefusalError } from '../refusal-error.ts';
import { MP3_ENCODING, PCM_ENCODING } from '../speech.ts';
import { OPENAI_VOICES } from '../speech-voices.ts';
import type { Vendor } from '../vendor.ts';
import { jsonReply, type PaidRoute } from '../wire.ts';

const LONGEST_CHARACTERS = 4_096;

const Body = z.strictObject({
  model: z.string().min(1),
  input: z.string().min(1).max(LONGEST_CHARACTERS),
  voice: z.string(),
  response_format: z.enum(SPEECH_FORMATS).default('mp3'),
  speed: z.number().min(0.25).max(4).optional(),
  instructions: z.string().max(LONGEST_CHARACTERS).optional(),
});

/** How OpenAI says that it does not know a voice. */
const UNKNOWN_VOICE = jsonReply(
  {
    error: {
      message: "[{'type': 'literal_error', 'loc': ('body', 'voice'), 'msg': 'Input should be one of the voices'}]",
      type: 'invalid_request_error',
      param: null,
      code: null,
    },
  },
  { status: 400 },
);

/** POST /v1/audio/speech. OpenAI tells no usage with it. */
export function openaiSpeech(vendor: Vendor): PaidRoute {
  return {
    kind: 'paid',
    wire: 'openai-speech',
    vendor,
    method: 'POST',
    path: /^\/v1\/audio\/speech$/,
    read(request) {
      const { model, input, voice, speed = 1, response_format: format } = Body.parse(request.body);
      if (!OPENAI_VOICES.has(voice)) throw new RefusalError(UNKNOWN_VOICE);
      return {
        kind: 'speech',
        order: {
          model,
          prompt: input,
          input,
          stream: false,
          billedBy: 'characters',
          utterance: { text: input, language: undefined, voice, speed, encoding: format === 'mp3' ? MP3_ENCODING : PCM_ENCODING },
          packing: format === 'mp3' || format === 'pcm' ? undefined : format,
        },
        reply: ({ audio }) => ({ status: 200, headers: { 'content-type': FORMAT_FACTS[format].contentType }, body: audio }),
      };
    },
  };
}
