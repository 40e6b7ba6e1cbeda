/**
 * Batches of the emulated vendors. Half of the lines are done when a batch is taken, the other half when it has been asked for a second
 * time; each is on the bill as soon as it is done, so that whoever hands a batch over twice pays twice, whether he looks or not.
 */
import { createHash } from 'node:crypto';
import type { ProviderName } from '@ai-core/core';
import type { Fault } from './fault.ts';
import { seededRandom } from './random.ts';

/** A line as the client handed it over. */
export interface BatchEntry {
  readonly customId: string;
  /** What a call of its own would have had as its body. */
  readonly body: unknown;
}

/** What became of a line. */
export type LineResult =
  | { readonly kind: 'answered'; readonly requestId: string; readonly body: unknown }
  | { readonly kind: 'refused'; readonly requestId: string; readonly status: number; readonly body: unknown }
  | { readonly kind: 'unserved' };

export type BatchStage = 'waiting' | 'running' | 'cancelling' | 'complete' | 'expired' | 'cancelled' | 'failed';

export interface Batch {
  readonly id: string;
  readonly provider: ProviderName;
  readonly model: string;
  /** What the client calls it; null = the vendor keeps no such thing. */
  readonly label: string | null;
  readonly entries: readonly BatchEntry[];
  readonly createdAtS: number;
  readonly fault: Fault | undefined;
  /** By place; shorter than the entries until the batch has ended. */
  readonly results: LineResult[];
  /** Times it was asked for. */
  looks: number;
  cancelled: boolean;
}

/** Times a batch is asked for until it has ended; a fault may say otherwise. */
const USUAL_LOOKS = 2;

export function stageOf(batch: Batch): BatchStage {
  const over = batch.looks >= Number(batch.fault?.parameters['looks'] ?? USUAL_LOOKS);
  if (batch.fault?.name === 'batch-fail') return over ? 'failed' : 'waiting';
  if (batch.cancelled) return over ? 'cancelled' : 'cancelling';
  if (batch.fault?.name === 'batch-expire' && over) return 'expired';
  if (over) return 'complete';
  return batch.looks === 0 ? 'waiting' : 'running';
}

export function hasEnded(batch: Batch): boolean {
  return ['complete', 'expired', 'cancelled', 'failed'].includes(stageOf(batch));
}

/** The lines of a batch that has ended, with what became of each; in another order than they came in. */
export function shuffledLines(batch: Batch, seed: string): { readonly customId: string; readonly result: LineResult }[] {
  const random = seededRandom(`${seed} ${batch.id}`);
  return linesOf(batch)
    .map((line) => ({ line, place: random() }))
    .toSorted((one, two) => one.place - two.place)
    .map(({ line }) => line);
}

/** The lines in the order in which they came in. */
export function linesOf(batch: Batch): { readonly customId: string; readonly result: LineResult }[] {
  if (stageOf(batch) === 'failed') return [];
  return batch.entries.map(({ customId }, place) => ({ customId, result: batch.results[place] ?? { kind: 'unserved' } }));
}

export interface BatchDraft extends Pick<Batch, 'provider' | 'model' | 'label' | 'entries' | 'fault'> {
  /** What the vendor's ids of batches begin with. */
  readonly prefix: string;
}

export interface Batches {
  add(draft: BatchDraft): Batch;
  find(provider: ProviderName, id: string): Batch | undefined;
  /** All of a vendor, the newest first. */
  list(provider: ProviderName): readonly Batch[];
}

export function createBatches(seed: string): Batches {
  const batches: Batch[] = [];
  return {
    add({ prefix, ...draft }) {
      const id = `${prefix}${createHash('sha256').update(`${seed} batch ${batches.length}`).digest('hex').slice(0, 24)}`;
      const batch: Batch = { ...draft, id, createdAtS: Math.floor(Date.now() / 1_000), results: [], looks: 0, cancelled: false };
      batches.push(batch);
      return batch;
    },
    find: (provider, id) => batches.find((batch) => batch.provider === provider && batch.id === id),
    list: (provider) => batches.filter((batch) => batch.provider === provider).toReversed(),
  };
}
