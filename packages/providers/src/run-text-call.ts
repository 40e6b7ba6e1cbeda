import type { ProviderName } from '@ai-core/core';
import type { Abilities } from './abilities.ts';
import { deltaCleaner } from './clean-text.ts';
import { estimateUsage } from './estimate-usage.ts';
import { finishText } from './finish-text.ts';
import { mapFailure } from './map-failure.ts';
import { joinSent, mapOptions, type TextSettings } from './map-options.ts';
import type { TextCall, TextResult } from './provider.ts';
import { readRequestId } from './request-id.ts';
import type { TextReading } from './ending.ts';
import { watchCall, type WatchedCall } from './watch-call.ts';

/** What an adapter gets to make its one vendor call. */
export interface TextAsk {
  readonly settings: TextSettings;
  readonly watched: WatchedCall;
  /** Takes each piece of a streamed text; undefined = do not stream. */
  readonly onPiece: ((piece: string) => void) | undefined;
}

export interface TextAsker {
  readonly provider: ProviderName;
  readonly abilities: Abilities;
  /** Makes the call and reads the answer. Whatever it throws becomes a ProviderFailure. */
  readonly ask: (ask: TextAsk) => Promise<TextReading>;
}

/**
 * Runs one text call around an adapter's vendor call: options mapped before, clocks watched during, the answer cleaned and
 * judged after, every failure in one shape.
 * @throws ProviderFailure
 */
export async function runTextCall(call: TextCall, { provider, abilities, ask }: TextAsker): Promise<TextResult> {
  const settings = mapOptions(call, abilities);
  const watched = watchCall(call);
  const cleaner = call.onDelta ? deltaCleaner(call.onDelta) : undefined;
  try {
    call.signal.throwIfAborted();
    const reading = await ask({ settings, watched, onPiece: cleaner?.push });
    // OpenAI's SDK ends an aborted stream as if it were over.
    if (reading.ending === 'unfinished') watched.signal.throwIfAborted();
    const headers = watched.headers();
    return finishText(cleaner ? { ...reading, text: cleaner.end() } : reading, {
      provider,
      model: call.model,
      settings,
      providerRequestId: reading.requestId ?? (headers ? readRequestId(headers) : null),
    });
  } catch (error) {
    const received = cleaner?.soFar() ?? '';
    const partialUsage = received === '' ? undefined : estimateUsage({ sent: joinSent(settings), received, audioSeconds: 0 });
    throw mapFailure(error, { provider, watched, callerSignal: call.signal, partialUsage });
  } finally {
    watched.end();
  }
}
