import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ZodError } from 'zod';
import type { Call } from './call-log.ts';
import { countTokens } from './count-tokens.ts';
import { deliver, send } from './deliver.ts';
import { type Fault, FAULTS, isRefusal, type RefusalKind } from './fault.ts';
import { produceText } from './produce-text.ts';
import { firstHeader, type Vendor } from './vendor.ts';
import type { PaidRoute, Reply, WireRequest, Work } from './wire.ts';
import type { World } from './world.ts';

export interface Exchange {
  readonly request: WireRequest;
  readonly response: ServerResponse;
  readonly world: World;
}

/** The Retry-After header that a refusal carries, if any. */
function retryAfter(fault: Fault, nowMs: number): Record<string, string> {
  const seconds = fault.parameters['retry-after'] ?? (fault.name === 'rate-limit' ? '1' : 'none');
  if (seconds === 'none') return {};
  if (fault.parameters['format'] === 'date') return { 'retry-after': new Date(nowMs + Number(seconds) * 1000).toUTCString() };
  return { 'retry-after': seconds };
}

function refusalReply(
  vendor: Vendor,
  kind: RefusalKind,
  options: { requestId: string; message?: string; headers?: Record<string, string> },
): Reply {
  const reply = vendor.refuse({ kind, requestId: options.requestId, message: options.message });
  return { ...reply, headers: { ...reply.headers, [vendor.requestIdHeader]: options.requestId, ...options.headers } };
}

function complaint(error: unknown): string {
  if (!(error instanceof ZodError)) return error instanceof Error ? error.message : 'The request body is not valid.';
  return error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`).join('; ');
}

/**
 * The key a client must send: any, but `revoked` in it makes the vendor refuse it.
 * @returns the refusal, or undefined when the key is good
 */
export function refuseKey(vendor: Vendor, request: WireRequest): RefusalKind | undefined {
  if (!vendor.needsKey) return undefined;
  const key = vendor.readKey(request.headers, request.query);
  return key === undefined || key === '' || key.includes('revoked') ? 'unauthenticated' : undefined;
}

interface Admitted {
  readonly route: PaidRoute;
  readonly work: Work;
  readonly call: Call;
  readonly fault: Fault | undefined;
  readonly requestId: string;
}

/** Does the work, puts it on the bill, and only then answers: what a client can have seen is always billed. */
async function fulfil({ response, world }: Exchange, { route, work, call, fault, requestId }: Admitted): Promise<void> {
  const { waitMs, chunkMs } = world.nextLatency(route.vendor.provider);
  const extraMs = fault?.name === 'slow' ? Number(fault.parameters['ms'] ?? 1_000) : 0;
  if (waitMs + extraMs > 0) await sleep(waitMs + extraMs, undefined, { signal: world.closing });
  call.clientGone = response.destroyed;

  const { product, usage } = produceText(work.order, { seed: world.seed, requestId, nowMs: Date.now(), fault });
  const reply = work.reply(product);
  if (!fault || FAULTS[fault.name].charged) {
    await world.bill.charge({
      provider: route.vendor.provider,
      model: product.model,
      wire: route.wire,
      attemptId: call.attemptId,
      requestId,
      promptSha256: call.promptSha256,
      usage,
      fault: fault?.name ?? null,
    });
    call.charged = true;
  }
  call.status = reply.status;
  await deliver(response, {
    reply: { ...reply, headers: { ...reply.headers, [route.vendor.requestIdHeader]: requestId } },
    frames: work.order.stream ? work.frames(product) : undefined,
    chunkMs,
    fault,
    closing: world.closing,
  });
}

/** Serves one call of a paid route: refuse, keep silent, or work, bill and answer. Never throws for what a client sent. */
export async function servePaidCall(route: PaidRoute, exchange: Exchange): Promise<void> {
  const { request, response, world } = exchange;
  const { vendor } = route;
  const requestId = world.nextRequestId();
  const badKey = refuseKey(vendor, request);
  if (badKey) return send(response, refusalReply(vendor, badKey, { requestId }));

  let work: Work;
  try {
    work = route.read(request);
  } catch (error) {
    return send(response, refusalReply(vendor, 'bad-request', { requestId, message: complaint(error) }));
  }
  const { model, prompt, input, stream } = work.order;
  const promptSha256 = createHash('sha256').update(prompt).digest('hex');
  world.prompts?.push(input);
  let fault: Fault | undefined;
  try {
    fault = world.faults.pick({
      provider: vendor.provider,
      model,
      prompt,
      promptSha256,
      header: firstHeader(request.headers, 'x-simulator-fault'),
    });
  } catch (error) {
    return send(response, refusalReply(vendor, 'bad-request', { requestId, message: complaint(error) }));
  }
  const call = world.calls.start({
    provider: vendor.provider,
    model,
    wire: route.wire,
    stream,
    attemptId: firstHeader(request.headers, 'x-client-request-id') ?? null,
    requestId,
    promptSha256,
    fault: fault?.name ?? null,
  });

  if (fault && isRefusal(fault.name)) {
    const reply = refusalReply(vendor, fault.name, { requestId, headers: retryAfter(fault, Date.now()) });
    call.status = reply.status;
    return send(response, reply);
  }
  if (fault?.name === 'hang') return undefined;
  if (fault?.name === 'reset') {
    response.socket?.resetAndDestroy();
    return undefined;
  }
  const fullForMs = world.limits.take({ provider: vendor.provider, model, tokens: countTokens(input), nowMs: Date.now() });
  if (fullForMs !== undefined) {
    const reply = refusalReply(vendor, 'rate-limit', { requestId, headers: { 'retry-after': String(Math.ceil(fullForMs / 1000)) } });
    call.status = reply.status;
    return send(response, reply);
  }
  return fulfil(exchange, { route, work, call, fault, requestId });
}
