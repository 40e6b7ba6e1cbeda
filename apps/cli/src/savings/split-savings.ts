/** Where the savings come from: memory, choosing and the own model; text and speech. */
import { shareOf } from './compare-scenarios.ts';
import { priceCalls, withoutChoice, type ChargedCall } from './price-calls.ts';

export interface ReplayedCalls {
  /** For each request the call its answer came from. */
  readonly origins: readonly ChargedCall[];
  /** The calls of the month with memory and selection. */
  readonly withMemory: readonly ChargedCall[];
  readonly withOwnModel: readonly ChargedCall[];
}

export interface SplitSavings {
  /** Every request bought, and no choice. */
  readonly withoutNanoUsd: bigint;
  /** Of that, what is speech: 0 to 1. */
  readonly speechShare: number;
  /** Saved by memory alone, every distinct request bought from the models of WITHOUT_CHOICE: 0 to 1. */
  readonly memoryAlone: number;
  /** Of speech alone, what memory and selection save. */
  readonly ofSpeech: number;
  /** Of text alone, the same. */
  readonly ofText: number;
  /** Of text alone, what the own model makes of it. */
  readonly ofTextWithOwnModel: number;
}

interface Parts {
  readonly text: bigint;
  readonly speech: bigint;
}

function isSpeech({ usage }: ChargedCall): boolean {
  return usage.characters > 0;
}

function price(calls: readonly ChargedCall[], at: Date): Parts {
  return {
    text: priceCalls(
      calls.filter((call) => !isSpeech(call)),
      at,
    ),
    speech: priceCalls(calls.filter(isSpeech), at),
  };
}

/** @param at when the calls were made: decides the prices */
export function splitSavings({ origins, withMemory, withOwnModel }: ReplayedCalls, at: Date): SplitSavings {
  const bought = (calls: readonly ChargedCall[]): Parts =>
    price(
      calls.map((call) => withoutChoice(call, isSpeech(call) ? 'audio' : 'text')),
      at,
    );
  const without = bought(origins);
  const distinct = bought(withMemory);
  const chosen = price(withMemory, at);
  const own = price(withOwnModel, at);
  const whole = without.text + without.speech;
  return {
    withoutNanoUsd: whole,
    speechShare: shareOf(without.speech, whole),
    memoryAlone: shareOf(whole - distinct.text - distinct.speech, whole),
    ofSpeech: shareOf(without.speech - chosen.speech, without.speech),
    ofText: shareOf(without.text - chosen.text, without.text),
    ofTextWithOwnModel: shareOf(without.text - own.text, without.text),
  };
}
