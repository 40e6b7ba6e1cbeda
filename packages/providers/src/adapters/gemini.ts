/** Google's Gemini API: text and speech by generateContent. */
import { FunctionCallingConfigMode, GoogleGenAI, ThinkingLevel } from '@google/genai';
import { PCM_RATE, type SpeechFormat } from '@ai-core/core';
import { abilitiesOf, type Abilities, type Ability } from '../abilities.ts';
import type { BatchApi, BatchEnding, BatchItem } from '../batch.ts';
import { wantedVoice } from '../wanted-voice.ts';
import { encodeMp3 } from '../encode-mp3.ts';
import type { SpeechReading } from '../ending.ts';
import { OUR_KEY, readBatchResponse } from '../gemini-batch-line.ts';
import { readContent, readContents, readSpeechContent } from '../gemini-content.ts';
import { geminiConfig, geminiContents, geminiTools, THINKING_BUDGETS, THINKING_LEVELS } from '../gemini-request.ts';
import { toLocale } from '../locale.ts';
import { mapOptions, type TextSettings } from '../map-options.ts';
import { mapSpeechOptions } from '../map-speech-options.ts';
import type { ProviderFactory, ProviderSettings, SpeechCall, TextCall } from '../provider.ts';
import { requireKey } from '../require-key.ts';
import { judgeLines, type LineReader, runBatchCall, takeSince } from '../run-batch-call.ts';
import { toWav } from '../to-wav.ts';
import { runSpeechCall } from '../run-speech-call.ts';
import { runTextCall } from '../run-text-call.ts';
import type { WatchedCall } from '../watch-call.ts';

const OWN_ADDRESS = 'https://generativelanguage.googleapis.com';
/** The SDK's own default, v1, has refused system instructions. */
const API_VERSION = 'v1beta';
const USUAL_VOICE = 'Kore';

const WIRE: Abilities = new Set<Ability>(['temperature', 'top_p', 'seed', 'stop', 'reasoning', 'json', 'json_schema', 'tools']);
const REASONING_MODELS = /^gemini-(2\.5|[3-9])/;
const PLAIN: Abilities = new Set<Ability>(['temperature', 'top_p', 'seed', 'stop', 'json', 'json_schema', 'tools']);
const BY_BUDGET = /^gemini-2\.5/;

/** "audio/L16;codec=pcm;rate=24000" */
const PCM_TYPE = /^audio\/(?:l16|pcm)\b.*?(?:rate=(\d+))?$/i;
const USUAL_PCM_RATE = 24_000;

function abilities({ model, capabilities }: Pick<TextCall, 'model' | 'capabilities'>): Abilities {
  return abilitiesOf(capabilities, { byName: REASONING_MODELS.test(model) ? WIRE : PLAIN, wire: WIRE });
}

/** Left alone, the models think as they see fit, at output prices. */
function thinking(model: string, { effort = 'low' }: TextSettings) {
  return BY_BUDGET.test(model) ? { thinkingBudget: THINKING_BUDGETS[effort] } : { thinkingLevel: ThinkingLevel[THINKING_LEVELS[effort]] };
}

function functions(text: TextSettings) {
  const given = geminiTools(text);
  if (given === undefined) return {};
  const { functions: functionDeclarations, mode, only } = given;
  const allowedFunctionNames = only === undefined ? undefined : [only];
  const functionCallingConfig = { mode: FunctionCallingConfigMode[mode], allowedFunctionNames };
  return { tools: [{ functionDeclarations }], toolConfig: { functionCallingConfig } };
}

function connect(
  { apiKey, baseUrl }: ProviderSettings,
  { call, watched }: { call: Partial<Pick<TextCall | SpeechCall, 'attemptId'>>; watched: WatchedCall },
): GoogleGenAI {
  return new GoogleGenAI({
    apiKey: requireKey('gemini', apiKey),
    vertexai: false,
    apiVersion: API_VERSION,
    httpOptions: {
      baseUrl: baseUrl ?? OWN_ADDRESS,
      timeout: watched.sdkTimeoutMs,
      headers: call.attemptId === undefined ? {} : { 'X-Client-Request-Id': call.attemptId },
      fetch: watched.fetch,
    },
  });
}

interface Spoken {
  readonly sound: Uint8Array;
  readonly mimeType: string;
}

/** Gemini speaks in samples without a header; the models to come may speak in MP3. */
async function toFormat({ sound, mimeType }: Spoken, format: SpeechFormat): Promise<Uint8Array> {
  const pcm = PCM_TYPE.exec(mimeType);
  if (!pcm || sound.length === 0) return sound;
  const rate = Number(pcm[1] ?? USUAL_PCM_RATE);
  if (format === 'mp3') return encodeMp3(sound, rate);
  if (rate !== PCM_RATE) throw new Error('The samples are of another rate than was agreed.');
  return format === 'wav' ? toWav(sound) : sound;
}

const LIST_PAGE = 100;

const BATCH_ENDINGS: Readonly<Record<string, BatchEnding>> = {
  JOB_STATE_SUCCEEDED: 'complete',
  JOB_STATE_PARTIALLY_SUCCEEDED: 'complete',
  JOB_STATE_FAILED: 'failed',
  JOB_STATE_EXPIRED: 'expired',
  JOB_STATE_CANCELLED: 'cancelled',
};

function inlinedRequest({ customId, call }: BatchItem) {
  const able = abilities(call);
  const text = mapOptions(call, able);
  const thinkingConfig = able.has('reasoning') ? thinking(call.model, text) : undefined;
  return { contents: geminiContents(text), metadata: { [OUR_KEY]: customId }, config: { ...geminiConfig(text), thinkingConfig } };
}

/** Batch mode with inlined requests, whose metadata comes back with the answers. Our id of a batch is its display name. */
function geminiBatches(settings: ProviderSettings): BatchApi {
  const reader: LineReader = { provider: 'gemini', abilities, readAnswer: readContent };
  const open = (watched: WatchedCall) => ({ batches: connect(settings, { call: {}, watched }).batches, abortSignal: watched.signal });
  return {
    keepsOurId: true,
    submit: (order) =>
      runBatchCall(order, { provider: 'gemini', creates: true }, async (watched) => {
        const { batches, abortSignal } = open(watched);
        const src = order.items.map(inlinedRequest);
        const batch = await batches.create({ model: order.model, src, config: { displayName: order.batchId, abortSignal } });
        if (!batch.name) throw new TypeError('The batch has no name.');
        return { providerBatchId: batch.name };
      }),

    look: ({ providerBatchId, ...call }) =>
      runBatchCall(call, { provider: 'gemini' }, async (watched) => {
        const { batches, abortSignal } = open(watched);
        const { state = '' } = await batches.get({ name: providerBatchId, config: { abortSignal } });
        return { ending: BATCH_ENDINGS[state] ?? null, word: state };
      }),

    read: ({ providerBatchId, ...call }, items) =>
      runBatchCall(call, { provider: 'gemini' }, async (watched) => {
        const { batches, abortSignal } = open(watched);
        const batch = await batches.get({ name: providerBatchId, config: { abortSignal } });
        const lines = (batch.dest?.inlinedResponses ?? []).map((response, place) => readBatchResponse(response, items[place]?.customId));
        return judgeLines(lines, items, reader);
      }),

    cancel: ({ providerBatchId, ...call }) =>
      runBatchCall(call, { provider: 'gemini' }, async (watched) => {
        const { batches, abortSignal } = open(watched);
        await batches.cancel({ name: providerBatchId, config: { abortSignal } });
      }),

    list: (call) =>
      runBatchCall(call, { provider: 'gemini' }, async (watched) => {
        const { batches, abortSignal } = open(watched);
        async function* listed() {
          for await (const batch of await batches.list({ config: { pageSize: LIST_PAGE, abortSignal } })) {
            const createdAt = new Date(batch.createTime ?? Date.now());
            yield { providerBatchId: batch.name ?? '', batchId: batch.displayName ?? null, createdAt, requests: null };
          }
        }
        return takeSince(listed(), call.since);
      }),
  };
}

export const gemini: ProviderFactory = (settings) => ({
  name: 'gemini',
  batches: geminiBatches(settings),

  generateText(call) {
    const able = abilities(call);
    return runTextCall(call, {
      provider: 'gemini',
      abilities: able,
      async ask({ settings: text, watched, onPiece }) {
        const client = connect(settings, { call, watched });
        const thinkingConfig = able.has('reasoning') ? thinking(call.model, text) : undefined;
        const request = {
          model: call.model,
          contents: geminiContents(text),
          config: { ...geminiConfig(text), ...functions(text), thinkingConfig, abortSignal: watched.signal },
        };
        if (!onPiece) return readContent(await client.models.generateContent(request));
        return readContents(await client.models.generateContentStream(request), onPiece);
      },
    });
  },

  generateSpeech(call) {
    const { ignoredOptions } = mapSpeechOptions(call.options, {});
    return runSpeechCall(call, {
      provider: 'gemini',
      ignoredOptions,
      async ask(watched): Promise<SpeechReading> {
        const voiceName = wantedVoice(call) ?? USUAL_VOICE;
        const { sound, mimeType, ...reading } = readSpeechContent(
          await connect(settings, { call, watched }).models.generateContent({
            model: call.model,
            contents: call.text,
            config: {
              abortSignal: watched.signal,
              responseModalities: ['AUDIO'],
              speechConfig: { languageCode: toLocale(call.language), voiceConfig: { prebuiltVoiceConfig: { voiceName } } },
            },
          }),
        );
        return { ...reading, audio: await toFormat({ sound, mimeType }, call.format) };
      },
    });
  },
});
