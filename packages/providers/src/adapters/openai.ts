/** OpenAI: text by chat completions, speech by audio/speech (which ends on 2027-01-06). */
import OpenAI from 'openai';
import { z } from 'zod';
import { abilitiesOf, type Abilities, type Ability } from '../abilities.ts';
import { wantedVoice } from '../wanted-voice.ts';
import { mapFailure } from '../map-failure.ts';
import { mapSpeechOptions } from '../map-speech-options.ts';
import { CHAT_WIRE, chatBody, type ChatDialect, readChunks, readCompletion } from '../openai-chat.ts';
import type { ListedModel, ListingCall, ProviderFactory, ProviderSettings, TextCall } from '../provider.ts';
import { readSound } from '../read-sound.ts';
import { requireKey } from '../require-key.ts';
import { characterUsage, runSpeechCall } from '../run-speech-call.ts';
import { runTextCall } from '../run-text-call.ts';
import { watchCall, type WatchedCall } from '../watch-call.ts';

const OWN_ADDRESS = 'https://api.openai.com/v1';

/** Models that reason: they take an effort, and no temperature, penalty or stop word. */
const REASONING_MODELS = /^(gpt-[5-9]|o\d)/;
const REASONING: Abilities = new Set<Ability>(['seed', 'reasoning', 'json', 'json_schema', 'tools', 'parallel_tool_calls']);
const PLAIN: Abilities = new Set<Ability>([
  'temperature',
  'top_p',
  'seed',
  'stop',
  'frequency_penalty',
  'presence_penalty',
  'json',
  'json_schema',
  'tools',
  'parallel_tool_calls',
]);

function abilities({ model, capabilities }: TextCall): Abilities {
  return abilitiesOf(capabilities, { byName: REASONING_MODELS.test(model) ? REASONING : PLAIN, wire: CHAT_WIRE });
}

/** Left alone, OpenAI's models reason at medium effort, at output prices. */
function dialect(able: Abilities): ChatDialect {
  return { limitField: 'max_completion_tokens', defaultEffort: able.has('reasoning') ? 'low' : undefined };
}

const USUAL_VOICE = 'alloy';
const SPEECH_OPTIONS = { speed: z.number().min(0.25).max(4) };
/** The older engines take no instructions. */
const INSTRUCTED = /^gpt-/;
const INSTRUCTED_OPTIONS = { ...SPEECH_OPTIONS, instructions: z.string().min(1).max(4_096) };

/** Everything the SDK would else take from the environment is said here. */
function connect({ apiKey, baseUrl }: ProviderSettings, { call, watched }: { call: { attemptId?: string }; watched: WatchedCall }): OpenAI {
  return new OpenAI({
    apiKey: requireKey('openai', apiKey),
    baseURL: baseUrl ?? OWN_ADDRESS,
    organization: null,
    project: null,
    maxRetries: 0,
    timeout: watched.sdkTimeoutMs,
    logLevel: 'off',
    fetch: watched.fetch,
    defaultHeaders: call.attemptId === undefined ? {} : { 'X-Client-Request-Id': call.attemptId },
  });
}

/** GET /v1/models: its items carry `shutdown_date`, a day or null (openai 7.57, resources/models.d.ts). */
async function listModels(call: ListingCall, settings: ProviderSettings): Promise<ListedModel[]> {
  const watched = watchCall(call);
  try {
    const { data } = await connect(settings, { call: {}, watched }).models.list({ signal: watched.signal });
    return data.map(({ id, shutdown_date: shutdownDate }) => ({ modelName: id, shutdownDate: shutdownDate ?? null }));
  } catch (error) {
    throw mapFailure(error, { provider: 'openai', watched, callerSignal: call.signal, free: true });
  } finally {
    watched.end();
  }
}

export const openai: ProviderFactory = (settings) => ({
  name: 'openai',
  listModels: (call) => listModels(call, settings),

  generateText(call) {
    const able = abilities(call);
    return runTextCall(call, {
      provider: 'openai',
      abilities: able,
      async ask({ settings: text, watched, onPiece }) {
        const { completions } = connect(settings, { call, watched }).chat;
        const request = { signal: watched.signal };
        const body = chatBody(text, { model: call.model, ...dialect(able) });
        if (!onPiece) return readCompletion(await completions.create({ ...body, stream: false }, request));
        const stream = await completions.create({ ...body, stream: true, stream_options: { include_usage: true } }, request);
        return readChunks(stream, onPiece);
      },
    });
  },

  generateSpeech(call) {
    const { taken, ignoredOptions } = mapSpeechOptions(call.options, INSTRUCTED.test(call.model) ? INSTRUCTED_OPTIONS : SPEECH_OPTIONS);
    return runSpeechCall(call, {
      provider: 'openai',
      ignoredOptions,
      async ask(watched) {
        const voice = wantedVoice(call) ?? USUAL_VOICE;
        const body = { model: call.model, input: call.text, voice, response_format: 'mp3' as const, ...taken };
        const audio = await readSound(await connect(settings, { call, watched }).audio.speech.create(body, { signal: watched.signal }));
        return { audio, ending: 'complete', endingWord: null, model: null, usage: characterUsage(call.text), rawUsage: null };
      },
    });
  },
});
