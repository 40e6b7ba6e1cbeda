import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './fault.ts';
import { proxyPage } from './vendor.ts';
import type { Reply } from './wire.ts';

export interface Delivery {
  readonly reply: Reply;
  /** Server-sent events to send instead of the body. */
  readonly frames?: readonly string[] | undefined;
  /** Pause between frames in milliseconds. */
  readonly chunkMs: number;
  readonly fault: Fault | undefined;
  /** Aborted when the simulator closes. */
  readonly closing: AbortSignal;
}

const DRIP_MS = 100;
/** Events at the end of a stream without which it is not whole: finish, usage, end mark. */
const LAST_EVENTS = 3;

function bytesOf(body: string | Uint8Array): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

/** Sends an answer in one piece. */
export function send(response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return;
  const body = bytesOf(reply.body);
  response.writeHead(reply.status, { ...reply.headers, 'content-length': String(body.length) });
  response.end(body);
}

async function sendFrames(response: ServerResponse, frames: readonly string[], { chunkMs, closing }: Delivery): Promise<void> {
  if (chunkMs === 0) {
    response.end(frames.join(''));
    return;
  }
  for (const frame of frames) {
    if (response.destroyed) return;
    response.write(frame);
    await sleep(chunkMs, undefined, { signal: closing });
  }
  response.end();
}

interface Payload {
  readonly response: ServerResponse;
  readonly reply: Reply;
  readonly body: Buffer;
  readonly frames: readonly string[] | undefined;
  readonly chunkMs: number;
  readonly fault: Fault;
  readonly closing: AbortSignal;
}

async function drip({ response, reply, body, fault, closing }: Payload): Promise<void> {
  const pauseMs = Number(fault.parameters['ms'] ?? DRIP_MS);
  response.writeHead(reply.status, reply.headers);
  for (let at = 0; at < body.length && !response.destroyed; at += 1) {
    response.write(body.subarray(at, at + 1));
    await sleep(pauseMs, undefined, { signal: closing });
  }
  response.end();
}

async function cut({ response, reply, body, frames, chunkMs, closing }: Payload): Promise<void> {
  response.writeHead(reply.status, { ...reply.headers, ...(frames ? {} : { 'content-length': String(body.length) }) });
  if (frames && chunkMs > 0) {
    // At the pace of the stream, so that what came before can be seen.
    for (const frame of frames.slice(0, Math.ceil(frames.length / 2))) {
      response.write(frame);
      await sleep(chunkMs, undefined, { signal: closing });
    }
    response.destroy();
    return;
  }
  // Destroyed only after the half was handed to the system, so that the client sees a half and not nothing.
  response.write(body.subarray(0, Math.ceil(body.length / 2)), () => response.destroy());
}

/** How the delivery faults of the fault table show on the wire. */
const FAULTY: Readonly<Record<string, (payload: Payload) => void | Promise<void>>> = {
  html: ({ response }) => send(response, proxyPage(200)),
  stall: ({ response, reply }) => {
    response.writeHead(reply.status, reply.headers);
    response.flushHeaders();
  },
  drip,
  cut,
  'no-end': ({ response, reply, body, frames }) => {
    response.writeHead(reply.status, reply.headers);
    response.end(frames ? frames.slice(0, -LAST_EVENTS).join('') : body.subarray(0, Math.ceil(body.length / 2)));
  },
  'truncated-json': ({ response, reply, body }) => send(response, { ...reply, body: body.subarray(0, Math.ceil(body.length / 2)) }),
};

/**
 * Sends an answer, whole and at once, or as a delivery fault has it. Sends nothing to a client that has gone.
 * A stalled or hung connection stays open until the client or the simulator closes it.
 */
export async function deliver(response: ServerResponse, delivery: Delivery): Promise<void> {
  const { reply, frames, chunkMs, fault, closing } = delivery;
  if (response.destroyed) return;
  const headed: Reply = frames ? { ...reply, headers: { ...reply.headers, 'content-type': 'text/event-stream; charset=utf-8' } } : reply;
  const faulty = fault && FAULTY[fault.name];
  if (faulty) {
    await faulty({ response, reply: headed, body: bytesOf(frames ? frames.join('') : reply.body), frames, chunkMs, fault, closing });
    return;
  }
  if (!frames) {
    send(response, headed);
    return;
  }
  response.writeHead(headed.status, headed.headers);
  await sendFrames(response, frames, delivery);
}
