/** The wire of Gemini's generateContent: what is sent. No SDK here. */
import type { Json, ReasoningEffort } from '@ai-core/core';
import { z } from 'zod';
import { joinSystem, type TextSettings } from './map-options.ts';
import { argumentsOf } from './map-tools.ts';

/** Gemini 3 and later think by level. */
export const THINKING_LEVELS = {
  none: 'MINIMAL',
  minimal: 'MINIMAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  xhigh: 'HIGH',
  max: 'HIGH',
} as const satisfies Record<ReasoningEffort, string>;

/** Gemini 2.5 thinks by a number of tokens. */
export const THINKING_BUDGETS: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 512,
  low: 1_024,
  medium: 8_192,
  high: 16_384,
  xhigh: 24_576,
  max: 24_576,
};

interface GeminiPart {
  readonly text?: string;
  readonly functionCall?: { readonly id: string; readonly name: string; readonly args: Record<string, Json> };
  readonly functionResponse?: { readonly id: string; readonly name: string; readonly response: Record<string, Json> };
  readonly thoughtSignature?: string;
}

interface GeminiContent {
  readonly role: 'user' | 'model';
  readonly parts: GeminiPart[];
}

/**
 * Models from Gemini 3 on want the signature of the thought behind a call back, and refuse a call without one. A conversation in OpenAI's
 * form has no place for it; this is Google's own word for a call whose signature is not known (ai.google.dev, "Thought signatures").
 */
const NO_SIGNATURE = 'skip_thought_signature_validator';

/** The wire wants an object; what is none stands under a name. */
function responseOf(content: string): Record<string, Json> {
  try {
    const parsed = z.record(z.string(), z.json()).safeParse(JSON.parse(content));
    return parsed.success ? parsed.data : { result: content };
  } catch {
    return { result: content };
  }
}

/** The conversation as Gemini calls it. */
export function geminiContents({ messages }: TextSettings): GeminiContent[] {
  const contents: GeminiContent[] = [];
  for (const message of messages) {
    if (message.role === 'tool') {
      const { toolCallId: id, name, content } = message;
      const part = { functionResponse: { id, name, response: responseOf(content) } };
      const last = contents.at(-1);
      // The results of one turn stand together.
      if (last?.parts[0]?.functionResponse) last.parts.push(part);
      else contents.push({ role: 'user', parts: [part] });
    } else if (message.role === 'assistant' && message.toolCalls.length > 0) {
      const text = message.content === '' ? [] : [{ text: message.content }];
      const calls = message.toolCalls.map((call, index) => ({
        functionCall: { id: call.id, name: call.name, args: argumentsOf(call) },
        ...(index === 0 ? { thoughtSignature: NO_SIGNATURE } : {}),
      }));
      contents.push({ role: 'model', parts: [...text, ...calls] });
    } else contents.push({ role: message.role === 'assistant' ? 'model' : 'user', parts: [{ text: message.content }] });
  }
  return contents;
}

export interface GeminiTools {
  readonly functions: { name: string; description: string | undefined; parametersJsonSchema: Record<string, Json> | undefined }[];
  /** Whether a call is allowed, or demanded. */
  readonly mode: 'NONE' | 'AUTO' | 'ANY';
  /** The only function to call; undefined = any. */
  readonly only: string | undefined;
}

const MODES = { none: 'NONE', auto: 'AUTO', required: 'ANY' } as const;

/** Functions for a text call, as Gemini calls them; undefined = none. */
export function geminiTools({ tools }: TextSettings): GeminiTools | undefined {
  if (tools === undefined) return undefined;
  const { functions, choice = 'auto' } = tools;
  return {
    functions: functions.map(({ name, description, parameters }) => ({ name, description, parametersJsonSchema: parameters })),
    mode: typeof choice === 'object' ? 'ANY' : MODES[choice],
    only: typeof choice === 'object' ? choice.name : undefined,
  };
}

/** The settings of a text call, without its thinking and its functions. Fields that are undefined are not sent. */
export function geminiConfig(settings: TextSettings) {
  const json = settings.jsonByWire ? settings.json : undefined;
  return {
    systemInstruction: joinSystem(settings) || undefined,
    maxOutputTokens: settings.maxOutputTokens,
    temperature: settings.temperature,
    topP: settings.topP,
    seed: settings.seed,
    stopSequences: settings.stop === undefined ? undefined : [...settings.stop],
    responseMimeType: json ? 'application/json' : undefined,
    responseJsonSchema: json?.schema,
  };
}
