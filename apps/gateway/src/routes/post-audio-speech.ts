import { AiCoreError, parseAudioRequest, SPEECH_FORMATS } from '@ai-core/core';
import type { AudioHandle } from '@ai-core/producer';
import { z } from 'zod';
import type { Caller } from '../authenticate.ts';
import { readIdempotencyKey } from '../idempotency-header.ts';
import { EXTRA_HEADERS, readExtras } from '../openai/extras.ts';
import { findModel, type NamedModel } from '../openai/find-model.ts';
import { guessLanguage } from '../openai/guess-language.ts';
import { IDEMPOTENCY_HEADER, OPENAI_ERROR_RESPONSES, WAITING_TIMEOUT_MS } from '../route-parts.ts';
import { declareRoute } from '../route.ts';
import { requireScope } from '../scopes.ts';
import { AUDIO_TYPES, sendAudio, sourceOf } from '../send-audio.ts';
import { setReceiptHeaders, toAudioAnswer } from '../wire-answer.ts';

const SpeechSchema = z.strictObject({
  model: z.string().min(1).max(200).describe('auto, or a speech model of /v1/models'),
  input: z.string().min(1),
  voice: z
    .union([z.string().min(1).max(200), z.strictObject({ id: z.string().min(1).max(200) }).transform(({ id }) => id)])
    .nullish()
    .describe('auto, or a voice of the model'),
  response_format: z.enum(SPEECH_FORMATS).nullish().describe('mp3 unless said otherwise; an engine that does not have it is not asked'),
  speed: z.number().min(0.25).max(4).nullish(),
  stream_format: z.literal('audio', { error: 'must be audio' }).nullish(),
});
type Speech = z.infer<typeof SpeechSchema>;

/** Voices that leave the choice to AI Core. */
const AUTO_VOICES = new Set(['auto', 'default']);
/** What a pinned speech model is answered with when it cannot be used now, or is gone. */
const SUBSTITUTED = new Set(['NO_MODEL_AVAILABLE', 'MODEL_UNKNOWN']);

interface Wish {
  readonly body: Speech;
  readonly extras: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string | undefined;
}

function accept(caller: Caller, model: NamedModel, { body, extras, idempotencyKey }: Wish): Promise<AudioHandle> {
  const voice = body.voice == null || AUTO_VOICES.has(body.voice) ? undefined : body.voice;
  const asked = parseAudioRequest({
    wait_s: 300,
    language: guessLanguage(body.input),
    ...extras,
    text: body.input,
    voice_id: voice,
    format: body.response_format,
    options: body.speed == null ? undefined : { speed: body.speed },
    ...(model.mode === 'manual' ? { provider: model.provider, model: model.model } : {}),
  });
  requireScope(caller.key, asked.scope);
  return caller.aiCore.acceptAudio(asked, { idempotencyKey });
}

export const postAudioSpeech = declareRoute({
  method: 'POST',
  path: '/v1/audio/speech',
  need: 'app',
  scope: 'request',
  tag: 'openai',
  about: 'Speech, for clients that speak the OpenAI API',
  errors: 'openai',
  body: SpeechSchema,
  headers: { ...IDEMPOTENCY_HEADER, ...EXTRA_HEADERS, Range: 'a part of the file' },
  responses: {
    200: { about: 'the speech; x-ai-core-substituted says that another engine speaks than the one named', contentTypes: AUDIO_TYPES },
    ...OPENAI_ERROR_RESPONSES,
  },
  timeoutMs: WAITING_TIMEOUT_MS,
  async handle({ services, caller, body, request, reply, whenLeft }) {
    const model = findModel(await services.snapshots.get(), body.model, 'audio');
    const wish = { body, extras: readExtras(request, undefined), idempotencyKey: readIdempotencyKey(request) };
    const handle = await accept(caller, model, wish).catch((error: unknown) => {
      if (model.mode === 'auto' || !SUBSTITUTED.has(AiCoreError.from(error).code)) throw error;
      // Its voices are its own, so the voice is chosen anew as well.
      reply.header('x-ai-core-substituted', 'true');
      return accept(caller, { mode: 'auto', tier: undefined }, { ...wish, body: { ...body, voice: undefined } });
    });
    const leave = handle.jobId === null ? undefined : whenLeft();
    const answer = await handle.link({ timeoutMs: WAITING_TIMEOUT_MS - 20_000, leave });
    setReceiptHeaders(reply, toAudioAnswer(answer, handle.requestId));
    return sendAudio(caller.aiCore, reply, { ...answer, source: sourceOf(answer) });
  },
});
