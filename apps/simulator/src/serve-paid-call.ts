import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from './call-log.ts';
import { countTokens } from './count-tokens.ts';
import { deliver, send } from './deliver.ts';
import { type Fault, FAULTS, isRefusal } from './fault.ts';
import { produceSpeech } from './produce-speech.ts';
import { produceText } from './produce-text.ts';
import { refusalReply, refuseKey, replyToBadBody, waitOf } from './refuse-call.ts';
import { firstHeader, withRequestId } from './vendor.ts';
import type { PaidRoute, WireRequest, Work } from './wire.ts';
import type { World } from './world.ts';

export interface Exchange {
  readonly request: WireRequest;
  readonly response: ServerResponse;
  readonly world: World;
}

async function produce(work: Work, { world, requestId, fault }: { world: World; requestId: string; fault: Fault | undefined }) {
  if (work.kind === 'speech') {
    const { product, usage } = await produceSpeech(work.order, { speech: world.speech, requestId, fault });
    return { model: product.model, usage, reply: work.reply(product), frames: undefined };
  }
  const { product, usage } = produceText(work.order, { seed: world.seed, requestId, nowMs: Date.now(), fault, tuning: world.tuning });
  return { model: product.model, usage, reply: work.reply(product), frames: work.order.stream ? work.frames(product) : undefined };
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

  const { model, usage, reply, frames } = await produce(work, { world, requestId, fault });
  if (!fault || FAULTS[fault.name].charged) {
    await world.bill.charge({
      provider: route.vendor.provider,
      model,
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
    reply: withRequestId(route.vendor, reply, requestId),
    frames,
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
    return send(response, replyToBadBody(vendor, error, requestId));
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
    return send(response, replyToBadBody(vendor, error, requestId));
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
    const reply = refusalReply(vendor, fault.name, {
      requestId,
      retryAfterS: waitOf(fault),
      asDate: fault.parameters['format'] === 'date',
    });
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
    const reply = refusalReply(vendor, 'rate-limit', { requestId, retryAfterS: Math.ceil(fullForMs / 1000) });
    call.status = reply.status;
    return send(response, reply);
  }
  return fulfil(exchange, { route, work, call, fault, requestId });
}
