import type { Usage } from '@ai-core/core';
import { splitDeltas } from '../split-deltas.ts';
import { PCM_ENCODING } from '../speech.ts';
import { GEMINI_VOICES } from '../speech-voices.ts';
import { gemini } from '../vendors/google.ts';
import {
  type Effort,
  jsonReply,
  type Outcome,
  type PaidRoute,
  type Reply,
  type SpeechProduct,
  type TextOrder,
  type TextProduct,
  type Work,
} from '../wire.ts';
import { GeminiBody, plainText, readIn, toolsOf } from './gemini-request.ts';

const EFFORTS = { MINIMAL: 'minimal', LOW: 'low', MEDIUM: 'medium', HIGH: 'high' } as const satisfies Record<string, Effort>;

function effortOf(thinking: GeminiBody['generationConfig']['thinkingConfig']): Effort | undefined {
  if (thinking?.thinkingLevel) return EFFORTS[thinking.thinkingLevel];
  const budget = thinking?.thinkingBudget;
  if (budget === undefined || budget < 0) return undefined;
  return budget === 0 ? 'none' : budget < 4_096 ? 'low' : 'medium';
}

function textOrder(body: GeminiBody, { model, stream }: { model: string; stream: boolean }): TextOrder {
  const config = body.generationConfig;
  const prompt = plainText(body.contents.findLast((content) => content.role !== 'model' && plainText(content) !== ''));
  const functions = body.tools === undefined ? [] : [JSON.stringify(body.tools)];
  return {
    model,
    prompt,
    input: [plainText(body.systemInstruction), ...functions, ...body.contents.map(readIn)].join('\n'),
    tools: toolsOf(body, { model, prompt }),
    maxOutputTokens: config.maxOutputTokens,
    stream,
    billsCacheWrites: false,
    effort: effortOf(config.thinkingConfig),
    json: config.responseMimeType === 'application/json' ? { schema: config.responseJsonSchema ?? config.responseSchema } : undefined,
  };
}

const FINISH: Record<Exclude<Outcome, 'nothing' | 'refusal'>, string> = {
  complete: 'STOP',
  length: 'MAX_TOKENS',
  safety: 'SAFETY',
  'context-window': 'MAX_TOKENS',
};

/** candidatesTokenCount leaves out the thoughts. */
function usageOf(usage: Usage | undefined): object {
  if (usage === undefined) return {};
  const candidates = usage.outputTokens - usage.reasoningTokens + usage.audioOutputTokens;
  const modality = usage.audioOutputTokens > 0 ? 'AUDIO' : 'TEXT';
  return {
    usageMetadata: {
      promptTokenCount: usage.inputTokens,
      cachedContentTokenCount: usage.cacheReadTokens,
      candidatesTokenCount: candidates,
      ...(usage.reasoningTokens > 0 ? { thoughtsTokenCount: usage.reasoningTokens } : {}),
      totalTokenCount: usage.inputTokens + candidates + usage.reasoningTokens,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: usage.inputTokens }],
      candidatesTokensDetails: [{ modality, tokenCount: candidates }],
    },
  };
}

/** A refusal blocks the prompt; then there is no candidate at all. */
function bodyOf(product: TextProduct | SpeechProduct, candidate: { content?: object; finishReason?: string }): object {
  const about = { ...usageOf(product.usage), modelVersion: product.model, responseId: product.requestId };
  if (product.outcome === 'refusal') return { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, ...about };
  if (product.outcome === 'nothing') return { candidates: [], ...about };
  return { candidates: [{ ...candidate, index: 0 }], ...about };
}

function finishOf(outcome: Outcome): string {
  return outcome === 'nothing' || outcome === 'refusal' ? 'OTHER' : FINISH[outcome];
}

function textContent(text: string | null): object {
  return { role: 'model', ...(text === null ? {} : { parts: [{ text }] }) };
}

/** Calls come whole, also in a stream. */
function callContent({ calls }: TextProduct): object {
  return {
    role: 'model',
    parts: calls.map(({ id, name, args }) => ({ functionCall: { id, name, args }, thoughtSignature: 'c2ltdWxhdGVk' })),
  };
}

function contentOf(product: TextProduct): object {
  return product.calls.length > 0 ? callContent(product) : textContent(product.text);
}

function textReply(product: TextProduct): Reply {
  return jsonReply(bodyOf(product, { content: contentOf(product), finishReason: finishOf(product.outcome) }));
}

function textFrames(product: TextProduct): string[] {
  const frame = (body: object): string => `data: ${JSON.stringify(body)}\r\n\r\n`;
  const pieces = product.outcome === 'complete' || product.outcome === 'length' ? splitDeltas(product.text ?? '') : [];
  return [
    ...pieces.map((text) => frame(bodyOf(product, { content: textContent(text) }))),
    ...(product.calls.length > 0 ? [frame(bodyOf(product, { content: callContent(product) }))] : []),
    frame(bodyOf(product, { content: textContent(''), finishReason: finishOf(product.outcome) })),
  ];
}

/** Gemini speaks in samples without a header. */
function speechReply(product: SpeechProduct): Reply {
  const data = Buffer.from(product.audio).toString('base64');
  const parts = product.audio.length > 0 ? [{ inlineData: { mimeType: 'audio/L16;codec=pcm;rate=24000', data } }] : [];
  return jsonReply(bodyOf(product, { content: { role: 'model', parts }, finishReason: finishOf(product.outcome) }));
}

function workOf(body: GeminiBody, { model, stream }: { model: string; stream: boolean }): Work {
  const { responseModalities, speechConfig } = body.generationConfig;
  if (!responseModalities?.includes('AUDIO'))
    return { kind: 'text', order: textOrder(body, { model, stream }), reply: textReply, frames: textFrames };
  if (!speechConfig) throw new Error('generationConfig.speechConfig is missing.');
  const voice = speechConfig.voiceConfig.prebuiltVoiceConfig.voiceName;
  if (!GEMINI_VOICES.has(voice))
    throw new Error(`Voice name ${voice} is not supported. Allowed voice names are: ${[...GEMINI_VOICES].join(', ')}`);
  const text = body.contents.map(plainText).join('\n');
  return {
    kind: 'speech',
    order: {
      model,
      prompt: text,
      input: text,
      stream: false,
      billedBy: 'tokens',
      utterance: {
        text,
        language: speechConfig.languageCode,
        voice,
        speed: 1,
        encoding: PCM_ENCODING,
      },
    },
    reply: speechReply,
  };
}

/** POST /v1beta/models/{model}:generateContent and :streamGenerateContent, for texts and for speech. */
export const geminiContent: PaidRoute = {
  kind: 'paid',
  wire: 'gemini-content',
  vendor: gemini,
  method: 'POST',
  path: /^\/v1beta\/models\/([^/:]+):(generateContent|streamGenerateContent)$/,
  read({ body, groups }) {
    const [model = '', method] = groups;
    return workOf(GeminiBody.parse(body), { model: decodeURIComponent(model), stream: method === 'streamGenerateContent' });
  },
};
