import { hasPersonalData, sealValues, type AudioRequest, type Placeholder, type TextRequest } from '@ai-core/core';
import type { CatalogueSnapshot, JobResult, Memory, MemoryHit } from '@ai-core/store';
import type { Delivery, Explained } from './answer-base.ts';
import type { Connections } from './connections.ts';
import type { IdentifiedRequest } from './identified-request.ts';

/** A checked request of one kind, and how its kind is identified and answered. */
export interface AskedRequest<Answer extends Explained> {
  /** Its personal data has been taken out. */
  readonly request: TextRequest | AudioRequest;
  /** What was taken out, for this caller only. */
  readonly values: readonly Placeholder[];
  /** When it came, by performance.now(). */
  readonly since: number;
  readonly idempotencyKey: string | undefined;
  /** Somebody watches the answer come. */
  readonly stream?: boolean | undefined;
  /** Tells requests under one idempotency key apart. */
  fingerprint(): string;
  /** @throws the errors of a request that cannot be answered by anybody */
  identify(requestId: string, snapshot: CatalogueSnapshot): IdentifiedRequest | Promise<IdentifiedRequest>;
  /** Whether what is remembered can still be given out; false makes it a miss. Absent = always. */
  confirm?(found: MemoryHit): Promise<boolean>;
  fromMemory(memory: Memory, delivery: Delivery): Promise<Answer>;
  /** @throws the job's error when it has no answer */
  fromJob(result: JobResult, delivery: Omit<Delivery, 'simulated'>): Promise<Answer>;
}

/** @returns what was taken out of a request, sealed for whoever delivers its answer; null when nothing was */
export function sealOf({ sealKey }: Connections, values: readonly Placeholder[], requestId: string): Uint8Array | null {
  return hasPersonalData(values) ? sealValues(values, { key: sealKey, requestId }) : null;
}
