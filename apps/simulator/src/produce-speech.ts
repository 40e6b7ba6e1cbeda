import { createHash } from 'node:crypto';
import { NO_USAGE, type Usage } from '@ai-core/core';
import { countTokens } from './count-tokens.ts';
import type { Fault, FaultName } from './fault.ts';
import { packSound } from './pack-sound.ts';
import { secondsToSay, type SpeechEngine } from './speech.ts';
import type { SpeechOrder, SpeechProduct } from './wire.ts';

/** Gemini counts its own sound at 25 tokens a second. */
const AUDIO_TOKENS_PER_SECOND = 25;
const ABSURD_TOKENS = 1_000_000_000_000;

type Change = (product: SpeechProduct, fault: Fault) => SpeechProduct;

/** What each product fault does to a good speech. */
const CHANGES: Readonly<Partial<Record<FaultName, Change>>> = {
  refusal: (product) => ({ ...product, audio: new Uint8Array(), outcome: 'refusal' }),
  safety: (product) => ({ ...product, audio: new Uint8Array(), outcome: 'safety' }),
  length: (product) => ({ ...product, audio: product.audio.subarray(0, product.audio.length / 2), outcome: 'length' }),
  empty: (product) => ({ ...product, audio: new Uint8Array() }),
  'no-choices': (product) => ({ ...product, audio: new Uint8Array(), outcome: 'nothing' }),
  'usage-missing': (product) => ({ ...product, usage: undefined }),
  'usage-negative': (product) => ({ ...product, usage: { ...NO_USAGE, inputTokens: -5, audioOutputTokens: -1 } }),
  'usage-absurd': (product) => ({ ...product, usage: { ...NO_USAGE, inputTokens: ABSURD_TOKENS, audioOutputTokens: ABSURD_TOKENS } }),
  'other-model': (product, fault) => ({ ...product, model: fault.parameters['model'] ?? `${product.model}-next` }),
  'audio-json': (product) => ({ ...product, audio: Buffer.from('{"detail":"something went wrong"}') }),
  // In the middle of a frame: half of a file may be a whole file.
  'audio-cut': (product) => ({ ...product, audio: product.audio.subarray(0, Math.floor(product.audio.length / 2) - 100) }),
};

function meterSpeech(order: SpeechOrder): Usage {
  if (order.billedBy === 'characters') return { ...NO_USAGE, characters: Array.from(order.prompt).length };
  return {
    ...NO_USAGE,
    inputTokens: countTokens(order.input),
    audioOutputTokens: Math.ceil(secondsToSay(order.utterance) * AUDIO_TOKENS_PER_SECOND),
  };
}

export interface ProducedSpeech {
  readonly product: SpeechProduct;
  /** What goes on the bill, whatever the product says. */
  readonly usage: Usage;
}

/** Does the work of a speech call: speaks, counts, and spoils the product where a fault says so. */
export async function produceSpeech(
  order: SpeechOrder,
  { speech, requestId, fault }: { speech: SpeechEngine; requestId: string; fault: Fault | undefined },
): Promise<ProducedSpeech> {
  const sound = await speech.speak(order.utterance);
  const audio = order.packing === undefined ? sound : packSound(sound, order.packing);
  const usage = meterSpeech(order);
  const id = createHash('sha256').update(`${requestId} speech`).digest('hex').slice(0, 20);
  const good: SpeechProduct = { id, requestId, model: order.model, audio, outcome: 'complete', usage };
  const change = fault && CHANGES[fault.name];
  return { product: change ? change(good, fault) : good, usage };
}
