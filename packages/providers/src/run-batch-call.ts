import type { ProviderName } from '@ai-core/core';
import type { z } from 'zod';
import type { BatchCall, BatchItem, BatchRow, ListedBatch } from './batch.ts';
import type { Abilities } from './abilities.ts';
import type { TextReading } from './ending.ts';
import { isProviderFailure, ProviderFailure } from './failure.ts';
import { finishText } from './finish-text.ts';
import { mapFailure, refusedLine } from './map-failure.ts';
import { mapOptions } from './map-options.ts';
import { watchCall, type WatchedCall } from './watch-call.ts';

/** The answers of thousands of lines are larger than any one answer. */
const LARGEST_RESULT_BYTES = 512 * 1024 * 1024;

/**
 * Runs one errand at a batch API under the clocks of every vendor call.
 * @param creates true where a batch may have been made although the call failed: then its failure says so, also after an HTTP 500
 * @throws ProviderFailure
 */
export async function runBatchCall<Result>(
  call: BatchCall,
  { provider, creates = false }: { readonly provider: ProviderName; readonly creates?: boolean },
  errand: (watched: WatchedCall) => Promise<Result>,
): Promise<Result> {
  const watched = watchCall({ ...call, largestBytes: LARGEST_RESULT_BYTES });
  try {
    call.signal.throwIfAborted();
    return await errand(watched);
  } catch (error) {
    const failure = mapFailure(error, { provider, watched, callerSignal: call.signal, free: !creates });
    const { code, reason, retryAfterMs, cause } = failure;
    if (creates && failure.charged === 'no' && (watched.refusal()?.status ?? 0) >= 500) {
      throw new ProviderFailure(code, reason, { charged: 'unknown', retryAfterMs, cause });
    }
    throw failure;
  } finally {
    watched.end();
  }
}

/** How one vendor's lines are read. */
export interface LineReader {
  readonly provider: ProviderName;
  readonly abilities: (call: BatchItem['call']) => Abilities;
  /** Reads the answer of a line, parsed JSON. */
  readonly readAnswer: (value: unknown) => TextReading;
}

/** One line as the vendor gave it back, its answer not yet judged. */
export type RawLine = { readonly customId: string } & (
  | { readonly kind: 'answer'; readonly value: unknown; readonly requestId: string | null }
  | { readonly kind: 'error'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'unserved' }
);

/**
 * Judges the lines of a batch as single answers are judged. A line that nobody asked for, or that comes twice, is left out.
 * What was answered is billed at the batch rate.
 */
export function judgeLines(lines: readonly RawLine[], items: readonly BatchItem[], reader: LineReader): BatchRow[] {
  const open = new Map(items.map((item) => [item.customId, item]));
  const rows: BatchRow[] = [];
  for (const line of lines) {
    const item = open.get(line.customId);
    if (item === undefined) continue;
    open.delete(line.customId);
    rows.push(judgeLine(line, item, reader));
  }
  return rows;
}

function judgeLine(line: RawLine, { customId, call }: BatchItem, { provider, abilities, readAnswer }: LineReader): BatchRow {
  if (line.kind === 'unserved') return { customId, outcome: 'unserved' };
  if (line.kind === 'error') return { customId, outcome: 'failed', failure: refusedLine(line, provider) };
  const settings = mapOptions(call, abilities(call));
  try {
    const reading = readAnswer(line.value);
    const result = finishText(reading, {
      provider,
      model: call.model,
      settings,
      providerRequestId: reading.requestId ?? line.requestId,
    });
    return { customId, outcome: 'answered', result: { ...result, usage: { ...result.usage, batch: true } } };
  } catch (error) {
    return { customId, outcome: 'failed', failure: atBatchRate(error, provider) };
  }
}

/** An answer that was made and is useless was charged as a line of a batch. */
function atBatchRate(error: unknown, provider: ProviderName): ProviderFailure {
  if (!isProviderFailure(error)) {
    return new ProviderFailure('PROVIDER_BAD_ANSWER', `${provider} gave back a line of a batch that cannot be read`, {
      charged: 'unknown',
    });
  }
  const { code, reason, charged, usage, rawUsage, model, providerRequestId } = error;
  return new ProviderFailure(code, reason, {
    charged,
    usage: usage === null ? undefined : { ...usage, batch: true },
    rawUsage,
    model: model ?? undefined,
    providerRequestId,
  });
}

/** Parses JSON lines; a line that is cut off or garbage is left out, and its request counts as not answered. */
export function parseJsonLines<Line>(text: string, schema: z.ZodType<Line>): Line[] {
  return text.split('\n').flatMap((line) => {
    if (line.trim() === '') return [];
    try {
      const parsed = schema.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}

/** Takes batches from a list that is sorted newest first, until they are older than wanted. */
export async function takeSince(batches: AsyncIterable<ListedBatch>, since: Date): Promise<ListedBatch[]> {
  const taken: ListedBatch[] = [];
  for await (const batch of batches) {
    if (batch.createdAt < since) break;
    taken.push(batch);
  }
  return taken;
}
