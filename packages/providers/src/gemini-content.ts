/** The wire of Gemini's generateContent: how the answer is read. No SDK here. */
import { type Json, NO_USAGE, type ToolCall, type Usage } from '@ai-core/core';
import { z } from 'zod';
import type { Ending, ReadingBase, TextReading } from './ending.ts';

const Count = z.number().nullish();
const UsageMetadata = z.object({
  promptTokenCount: z.number(),
  cachedContentTokenCount: Count,
  candidatesTokenCount: Count,
  thoughtsTokenCount: Count,
  toolUsePromptTokenCount: Count,
  candidatesTokensDetails: z.array(z.object({ modality: z.string().nullish(), tokenCount: Count })).nullish(),
});

/** promptTokenCount includes what came from the cache; candidatesTokenCount leaves out the thoughts, which are billed as output. */
function readUsage(raw: Json): Usage | undefined {
  const parsed = UsageMetadata.safeParse(raw);
  if (!parsed.success) return undefined;
  const usage = parsed.data;
  const thoughts = usage.thoughtsTokenCount ?? 0;
  const sound = (usage.candidatesTokensDetails ?? []).filter(({ modality }) => modality === 'AUDIO');
  const audioOutputTokens = sound.reduce((sum, { tokenCount }) => sum + (tokenCount ?? 0), 0);
  return {
    ...NO_USAGE,
    inputTokens: usage.promptTokenCount + (usage.toolUsePromptTokenCount ?? 0),
    cacheReadTokens: usage.cachedContentTokenCount ?? 0,
    outputTokens: (usage.candidatesTokenCount ?? 0) - audioOutputTokens + thoughts,
    reasoningTokens: thoughts,
    audioOutputTokens,
  };
}

const Part = z.object({
  text: z.string().nullish(),
  thought: z.boolean().nullish(),
  functionCall: z.object({ id: z.string().nullish(), name: z.string().nullish(), args: z.json().nullish() }).nullish(),
  inlineData: z.object({ mimeType: z.string().nullish(), data: z.string().nullish() }).nullish(),
});
const Response = z.object({
  candidates: z
    .array(z.object({ content: z.object({ parts: z.array(Part).nullish() }).nullish(), finishReason: z.string().nullish() }))
    .nullish(),
  promptFeedback: z.object({ blockReason: z.string().nullish() }).nullish(),
  usageMetadata: z.json().optional().catch(null),
  modelVersion: z.string().nullish(),
  responseId: z.string().nullish(),
});
type Response = z.infer<typeof Response>;

const ENDINGS: Readonly<Record<string, Ending>> = {
  STOP: 'complete',
  MAX_TOKENS: 'length',
  SAFETY: 'refused',
  RECITATION: 'refused',
  BLOCKLIST: 'refused',
  PROHIBITED_CONTENT: 'refused',
  SPII: 'refused',
};

/** What is told about an answer by one response, or by all the responses of a stream together. */
interface Told {
  blockReason: string | null;
  finishReason: string | null;
  answered: boolean;
  model: string | null;
  requestId: string | null;
  rawUsage: Json;
}

function nothingTold(): Told {
  return { blockReason: null, finishReason: null, answered: false, model: null, requestId: null, rawUsage: null };
}

function hear(told: Told, response: Response): void {
  const candidate = response.candidates?.[0];
  told.blockReason = response.promptFeedback?.blockReason ?? told.blockReason;
  told.finishReason = candidate?.finishReason ?? told.finishReason;
  told.answered ||= candidate !== undefined;
  told.model = response.modelVersion ?? told.model;
  told.requestId = response.responseId ?? told.requestId;
  told.rawUsage = response.usageMetadata ?? told.rawUsage;
}

function readingOf(told: Told): ReadingBase {
  const { blockReason, finishReason, answered, rawUsage } = told;
  const ending = blockReason !== null ? 'refused' : finishReason !== null ? (ENDINGS[finishReason] ?? 'strange') : 'unfinished';
  const absent = blockReason === null && !answered && rawUsage !== null;
  return {
    ending: absent ? 'absent' : ending,
    endingWord: blockReason ?? finishReason,
    model: told.model,
    usage: readUsage(rawUsage),
    rawUsage,
    requestId: told.requestId,
  };
}

function partsOf(response: Response): z.infer<typeof Part>[] {
  return response.candidates?.[0]?.content?.parts ?? [];
}

/** The text of a response without the model's thoughts. */
function textOf(response: Response): string {
  return partsOf(response)
    .map((part) => (part.thought ? '' : (part.text ?? '')))
    .join('');
}

function callsOf(response: Response): ToolCall[] {
  return partsOf(response).flatMap(({ functionCall: call }) =>
    call ? [{ id: call.id ?? '', name: call.name ?? '', arguments: JSON.stringify(call.args ?? {}) }] : [],
  );
}

/**
 * Reads a whole answer.
 * @throws ZodError when it is no answer of Gemini's
 */
export function readContent(value: unknown): TextReading {
  const response = Response.parse(value);
  const told = nothingTold();
  hear(told, response);
  return { ...readingOf(told), text: textOf(response), toolCalls: callsOf(response) };
}

/**
 * Reads a streamed answer response by response.
 * @param onPiece gets each piece of text
 * @throws ZodError when something in it is no answer of Gemini's
 */
export async function readContents(responses: AsyncIterable<unknown>, onPiece: (piece: string) => void): Promise<TextReading> {
  const told = nothingTold();
  let text = '';
  const toolCalls: ToolCall[] = [];
  for await (const value of responses) {
    const response = Response.parse(value);
    hear(told, response);
    toolCalls.push(...callsOf(response));
    const piece = textOf(response);
    text += piece;
    if (piece !== '') onPiece(piece);
  }
  return { ...readingOf(told), text, toolCalls };
}

export interface SoundReading extends ReadingBase {
  /** Base64 decoded; empty when there is none. */
  readonly sound: Uint8Array;
  readonly mimeType: string;
}

/**
 * Reads an answer in sound.
 * @throws ZodError when it is no answer of Gemini's
 */
export function readSpeechContent(value: unknown): SoundReading {
  const response = Response.parse(value);
  const told = nothingTold();
  hear(told, response);
  const data = partsOf(response).flatMap((part) => (part.inlineData?.data ? [part.inlineData] : []));
  const sound = Buffer.concat(data.map((part) => Buffer.from(part.data ?? '', 'base64')));
  return { ...readingOf(told), sound, mimeType: data[0]?.mimeType ?? '' };
}
