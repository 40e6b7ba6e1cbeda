/** OpenAI: text by chat completions, speech by audio/speech (which ends on 2027-01-06). */
import OpenAI from 'openai';
import { z } from 'zod';
import { abilitiesOf, type Abilities, type Ability } from '../abilities.ts';
import type { BatchApi, BatchEnding, BatchItem, KnownBatch } from '../batch.ts';
import { wantedVoice } from '../wanted-voice.ts';
import { mapFailure } from '../map-failure.ts';
import { mapOptions } from '../map-options.ts';
import { mapSpeechOptions } from '../map-speech-options.ts';
import { BATCH_LINE, readBatchLine } from '../openai-batch-line.ts';
import { CHAT_WIRE, chatBody, type ChatDialect, readChunks, readCompletion } from '../openai-chat.ts';
import type { ListedModel, ListingCall, ProviderFactory, ProviderSettings, TextCall } from '../provider.ts';
import { readSound } from '../read-sound.ts';
import { requireKey } from '../require-key.ts';
import { judgeLines, type LineReader, parseJsonLines, runBatchCall, takeSince } from '../run-batch-call.ts';
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

function abilities({ model, capabilities }: Pick<TextCall, 'model' | 'capabilities'>): Abilities {
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

/** The metadata field that holds our id of a batch. */
const OUR_BATCH = 'ai_core_batch';
/** The vendor forgets what was sent and answered; longer than the longest batch and our reading of it. */
const FILES_LIVE_S = 3 * 86_400;
const LIST_PAGE = 100;

const ENDINGS: Readonly<Record<string, BatchEnding>> = {
  completed: 'complete',
  failed: 'failed',
  expired: 'expired',
  cancelled: 'cancelled',
};

/** Multipart bodies as bytes: the fetch that watches calls knows no other implementation's FormData. */
function asBytes(fetch: typeof globalThis.fetch): typeof globalThis.fetch {
  return async (input, init) => {
    if (!(init?.body instanceof FormData)) return fetch(input, init);
    const encoded = new Response(init.body);
    const headers = new Headers(init.headers);
    headers.set('content-type', encoded.headers.get('content-type') ?? '');
    return fetch(input, { ...init, headers, body: new Uint8Array(await encoded.arrayBuffer()) });
  };
}

function batchLine({ customId, call }: BatchItem): string {
  const able = abilities(call);
  const body = chatBody(mapOptions(call, able), { model: call.model, ...dialect(able) });
  return JSON.stringify({ custom_id: customId, method: 'POST', url: '/v1/chat/completions', body });
}

/** Batches: a file of lines goes up, a batch names it, and its answers and errors come in a file each. */
function openaiBatches(settings: ProviderSettings): BatchApi {
  const reader: LineReader = { provider: 'openai', abilities, readAnswer: readCompletion };
  const openBatch = (watched: WatchedCall): OpenAI =>
    connect(settings, { call: {}, watched: { ...watched, fetch: asBytes(watched.fetch) } });

  async function download(batch: KnownBatch, fileId: string | null | undefined): Promise<string> {
    if (!fileId) return '';
    return runBatchCall(batch, { provider: 'openai' }, async (watched) => {
      const answer = await openBatch(watched).files.content(fileId, { signal: watched.signal });
      return answer.text();
    });
  }

  return {
    keepsOurId: true,
    async submit({ batchId, items, ...order }) {
      const lifetime = { anchor: 'created_at' as const, seconds: FILES_LIVE_S };
      const file = await runBatchCall(order, { provider: 'openai' }, (watched) => {
        const lines = new File([items.map(batchLine).join('\n')], `${batchId}.jsonl`, { type: 'application/jsonl' });
        return openBatch(watched).files.create({ file: lines, purpose: 'batch', expires_after: lifetime }, { signal: watched.signal });
      });
      const batch = await runBatchCall(order, { provider: 'openai', creates: true }, (watched) =>
        openBatch(watched).batches.create(
          {
            input_file_id: file.id,
            endpoint: '/v1/chat/completions',
            completion_window: '24h',
            metadata: { [OUR_BATCH]: batchId },
            output_expires_after: lifetime,
          },
          { signal: watched.signal },
        ),
      );
      return { providerBatchId: batch.id };
    },

    look: (known) =>
      runBatchCall(known, { provider: 'openai' }, async (watched) => {
        const { status } = await openBatch(watched).batches.retrieve(known.providerBatchId, { signal: watched.signal });
        return { ending: ENDINGS[status] ?? null, word: status };
      }),

    async read(known, items) {
      const batch = await runBatchCall(known, { provider: 'openai' }, (watched) =>
        openBatch(watched).batches.retrieve(known.providerBatchId, { signal: watched.signal }),
      );
      const files = [await download(known, batch.output_file_id), await download(known, batch.error_file_id)];
      return judgeLines(files.flatMap((text) => parseJsonLines(text, BATCH_LINE)).map(readBatchLine), items, reader);
    },

    cancel: (known) =>
      runBatchCall(known, { provider: 'openai' }, async (watched) => {
        await openBatch(watched).batches.cancel(known.providerBatchId, { signal: watched.signal });
      }),

    list: (call) =>
      runBatchCall(call, { provider: 'openai' }, async (watched) => {
        async function* listed() {
          for await (const batch of openBatch(watched).batches.list({ limit: LIST_PAGE }, { signal: watched.signal })) {
            const createdAt = new Date(batch.created_at * 1_000);
            const requests = batch.request_counts?.total ?? null;
            yield { providerBatchId: batch.id, batchId: batch.metadata?.[OUR_BATCH] ?? null, createdAt, requests };
          }
        }
        return takeSince(listed(), call.since);
      }),
  };
}

export const openai: ProviderFactory = (settings) => ({
  name: 'openai',
  listModels: (call) => listModels(call, settings),
  batches: openaiBatches(settings),

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
        const body = { model: call.model, input: call.text, voice, response_format: call.format, ...taken };
        const audio = await readSound(await connect(settings, { call, watched }).audio.speech.create(body, { signal: watched.signal }));
        return { audio, ending: 'complete', endingWord: null, model: null, usage: characterUsage(call.text), rawUsage: null };
      },
    });
  },
});
