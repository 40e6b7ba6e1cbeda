import { randomUUID } from 'node:crypto';
import type { ProviderName, ToolCall } from '@ai-core/core';
import { checkUsage } from './check-usage.ts';
import { cleanText } from './clean-text.ts';
import { BAD_ENDINGS, receivedText, type TextReading } from './ending.ts';
import { ProviderFailure } from './failure.ts';
import { joinSent, type TextSettings } from './map-options.ts';
import type { TextResult } from './provider.ts';

/** Models that are only asked for JSON in words like to wrap it so. */
const FENCE = /^\s*```(?:json)?\s*\n([^]*?)\n?```\s*$/i;

function withoutFence(text: string): string {
  return FENCE.exec(text)?.[1]?.trim() ?? text;
}

function cleanCall({ id, name, arguments: text }: ToolCall): ToolCall {
  return { id: id === '' ? `call_${randomUUID().replaceAll('-', '')}` : cleanText(id), name: cleanText(name), arguments: cleanText(text) };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export interface FinishedCall {
  readonly provider: ProviderName;
  /** The model that was asked. */
  readonly model: string;
  readonly settings: TextSettings;
  readonly providerRequestId: string | null;
}

/**
 * Judges a provider's answer: a good one becomes a result, a useless one a failure that knows what it cost.
 * @throws ProviderFailure for refusals, truncated, empty and unreadable answers
 */
export function finishText(reading: TextReading, { provider, model: asked, settings, providerRequestId }: FinishedCall): TextResult {
  const model = reading.model ?? asked;
  const clean = cleanText(reading.text);
  // Also when it was streamed with its fence: what is remembered serves those who parse it.
  const text = settings.json ? withoutFence(clean) : clean;
  const toolCalls = (reading.toolCalls ?? []).map(cleanCall);
  const { usage: checked, doubt } = checkUsage(reading.usage, {
    sent: joinSent(settings),
    received: receivedText({ text, toolCalls }),
    maxOutputTokens: settings.maxOutputTokens,
    audioSeconds: 0,
    longestAudioSeconds: 0,
  });
  const usage = doubt === 'missing' ? (reading.countedUsage ?? checked) : checked;
  const facts = { usage, rawUsage: reading.rawUsage, model, providerRequestId };

  const absent = reading.ending === 'complete' && text.trim() === '' && toolCalls.length === 0;
  const ending = absent ? 'absent' : reading.ending;
  if (ending !== 'complete') {
    const { code, says, charged } = BAD_ENDINGS[ending];
    throw new ProviderFailure(code, `${model} of ${provider} ${says} (${reading.endingWord ?? 'no reason given'})`, { charged, ...facts });
  }
  if (settings.json && toolCalls.length === 0 && !isJson(text)) {
    throw new ProviderFailure('PROVIDER_BAD_ANSWER', `${model} of ${provider} was asked for JSON and answered something else`, {
      charged: 'yes',
      ...facts,
    });
  }
  return { text, toolCalls, ...facts, usageDoubt: doubt, ignoredOptions: settings.ignoredOptions };
}
