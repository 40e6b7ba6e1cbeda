import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Batch, type BatchEntry, type BatchDraft, hasEnded, type LineResult } from './batches.ts';
import { isRefusal } from './fault.ts';
import { produceText } from './produce-text.ts';
import { RefusalError } from './refusal-error.ts';
import { refusalReply, waitOf } from './refuse-call.ts';
import type { Vendor } from './vendor.ts';
import type { PaidRoute, Reply, WireRequest } from './wire.ts';
import type { World } from './world.ts';

/** How one vendor's lines are served. */
export interface BatchWire {
  readonly vendor: Vendor;
  /** Named on the bill. */
  readonly wire: string;
  /** The way of single calls, which reads a line's body and renders its answer. */
  readonly route: PaidRoute;
}

function readLine(entry: BatchEntry, model: string, { route }: BatchWire) {
  const request: WireRequest = {
    headers: {},
    query: new URLSearchParams(),
    groups: [model, 'generateContent'],
    body: entry.body,
    bytes: Buffer.alloc(0),
  };
  const work = route.read(request);
  if (work.kind !== 'text') throw new Error('Only texts can be batched.');
  return work;
}

async function serveLine(batch: Batch, entry: BatchEntry, { world, wire }: { world: World; wire: BatchWire }): Promise<LineResult> {
  const requestId = world.nextRequestId();
  const { vendor } = wire;
  const refused = ({ status, body }: Reply): LineResult => ({
    kind: 'refused',
    requestId,
    status,
    body: JSON.parse(String(body)) as unknown,
  });
  const work = readLine(entry, batch.model, wire);
  const { prompt } = work.order;
  const promptSha256 = createHash('sha256').update(prompt).digest('hex');
  world.prompts?.push(work.order.input);
  const fault = world.faults.pick({ provider: vendor.provider, model: batch.model, prompt, promptSha256, header: undefined });
  if (fault && isRefusal(fault.name)) return refused(refusalReply(vendor, fault.name, { requestId }));
  const { product, usage } = produceText(work.order, { seed: world.seed, requestId, nowMs: Date.now(), fault, tuning: world.tuning });
  await world.bill.charge({
    provider: vendor.provider,
    model: product.model,
    wire: wire.wire,
    attemptId: entry.customId,
    requestId,
    promptSha256,
    usage: { ...usage, batch: true },
    fault: fault?.name ?? null,
  });
  return { kind: 'answered', requestId, body: JSON.parse(String(work.reply(product).body)) as unknown };
}

/** Serves lines until so many have a result. */
async function serveUntil(batch: Batch, count: number, served: { world: World; wire: BatchWire }): Promise<void> {
  while (batch.results.length < Math.min(count, batch.entries.length)) {
    const entry = batch.entries[batch.results.length];
    if (entry === undefined) return;
    const place = batch.results.length;
    // The place is taken before the work, so that two looks at the same time do not serve a line twice.
    batch.results.push({ kind: 'unserved' });
    batch.results[place] = await serveLine(batch, entry, served);
  }
}

/**
 * Takes a batch that a client hands over, and does its first half.
 * @throws RefusalError when the vendor does not take it
 */
export async function takeBatch(
  draft: Omit<BatchDraft, 'fault' | 'provider'>,
  { world, wire }: { world: World; wire: BatchWire },
): Promise<{ batch: Batch; lost: boolean }> {
  const { provider } = wire.vendor;
  if (draft.entries.length === 0) throw new Error('A batch needs at least one request.');
  if (new Set(draft.entries.map(({ customId }) => customId)).size < draft.entries.length) throw new Error('A custom_id is used twice.');
  const fault = world.faults.pick({ provider, model: draft.model, prompt: '', promptSha256: '', header: undefined, isBatch: true });
  if (fault && isRefusal(fault.name)) {
    throw new RefusalError(refusalReply(wire.vendor, fault.name, { requestId: world.nextRequestId(), retryAfterS: waitOf(fault) }));
  }
  for (const entry of draft.entries) readLine(entry, draft.model, wire);
  const batch = world.batches.add({ ...draft, provider, fault });
  if (fault?.name !== 'batch-fail') await serveUntil(batch, Math.ceil(batch.entries.length / 2), { world, wire });
  if (fault?.name === 'slow') await sleep(Number(fault.parameters['ms'] ?? 1_000), undefined, { signal: world.closing });
  return { batch, lost: fault?.name === 'batch-lost' };
}

/** Asks for a batch, which takes it further. */
export async function lookAtBatch(id: string, { world, wire }: { world: World; wire: BatchWire }): Promise<Batch | undefined> {
  const batch = world.batches.find(wire.vendor.provider, id);
  if (batch === undefined || hasEnded(batch)) return batch;
  batch.looks += 1;
  const cutShort = batch.cancelled || batch.fault?.name === 'batch-expire' || batch.fault?.name === 'batch-fail';
  if (hasEnded(batch) && !cutShort) await serveUntil(batch, batch.entries.length, { world, wire });
  return batch;
}
