import { checkSound, NO_USAGE, speaksFormat, type ProviderName, type Usage } from '@ai-core/core';
import { checkUsage } from './check-usage.ts';
import { BAD_ENDINGS, type SpeechReading } from './ending.ts';
import { ProviderFailure } from './failure.ts';
import { mapFailure } from './map-failure.ts';
import type { SpeechCall, SpeechResult } from './provider.ts';
import { readRequestId } from './request-id.ts';
import { watchCall, type WatchedCall } from './watch-call.ts';

export interface SpeechAsker {
  readonly provider: ProviderName;
  readonly ignoredOptions: readonly string[];
  /** Makes the call and reads the answer. Whatever it throws becomes a ProviderFailure. */
  readonly ask: (watched: WatchedCall) => Promise<SpeechReading>;
}

/** Numbers and abbreviations take the longest: "1,000,000" has nine characters and takes two seconds. */
const SLOWEST_SECONDS_PER_CHARACTER = 1;

/** What a provider bills that counts characters: code points, spaces included. Such providers send no usage. */
export function characterUsage(text: string): Usage {
  return { ...NO_USAGE, characters: Array.from(text).length };
}

/** How fast the engine was told to speak; 1 is normal. */
function speedOf({ options }: SpeechCall, ignoredOptions: readonly string[]): number | undefined {
  const { speed } = options;
  return typeof speed === 'number' && speed > 0 && !ignoredOptions.includes('speed') ? speed : undefined;
}

function finishSpeech(
  reading: SpeechReading,
  call: SpeechCall,
  { provider, ignoredOptions, headers }: Omit<SpeechAsker, 'ask'> & { readonly headers: Headers | undefined },
) {
  const spoken = { text: call.text, language: call.language, speed: speedOf(call, ignoredOptions) };
  const { seconds, problem } = checkSound(reading.audio, call.format, spoken);
  const frame = {
    sent: call.text,
    received: '',
    maxOutputTokens: 0,
    audioSeconds: seconds,
    longestAudioSeconds: 10 + Array.from(call.text).length * SLOWEST_SECONDS_PER_CHARACTER,
  };
  const { usage, doubt } = checkUsage(reading.usage, frame);
  const model = reading.model ?? call.model;
  const providerRequestId = reading.requestId ?? (headers ? readRequestId(headers) : null);
  const facts = { usage, rawUsage: reading.rawUsage, model, providerRequestId };

  const ending = reading.ending === 'complete' && reading.audio.length === 0 ? 'absent' : reading.ending;
  if (ending !== 'complete') {
    const { code, says, charged } = BAD_ENDINGS[ending];
    throw new ProviderFailure(code, `${model} of ${provider} ${says} (${reading.endingWord ?? 'no reason given'})`, { charged, ...facts });
  }
  if (problem !== null) {
    throw new ProviderFailure('PROVIDER_BAD_ANSWER', `the answer of ${model} of ${provider} cannot be used: ${problem}`, {
      charged: 'yes',
      ...facts,
    });
  }
  return {
    audio: reading.audio,
    seconds,
    mostAtOnce: reading.mostAtOnce ?? null,
    ...facts,
    usageDoubt: doubt,
    ignoredOptions,
  };
}

/**
 * Runs one speech call around an adapter's vendor call: clocks watched during, the sound measured and the usage checked after,
 * every failure in one shape.
 * @throws ProviderFailure
 */
export async function runSpeechCall(call: SpeechCall, { provider, ignoredOptions, ask }: SpeechAsker): Promise<SpeechResult> {
  const watched = watchCall(call);
  try {
    call.signal.throwIfAborted();
    if (!speaksFormat(provider, call.format))
      throw new ProviderFailure('REQUEST_INVALID', `${provider} has no speech in ${call.format}`, { charged: 'no' });
    const reading = await ask(watched);
    return finishSpeech(reading, call, { provider, ignoredOptions, headers: watched.headers() });
  } catch (error) {
    throw mapFailure(error, { provider, watched, callerSignal: call.signal });
  } finally {
    watched.end();
  }
}
