import { Agent, type RequestInit as UndiciRequestInit, fetch as undiciFetch } from 'undici';
import type { CallTimeouts } from './provider.ts';

/** How far a call has come. sent: the request may have reached the provider. */
export type CallPhase = 'ready' | 'sent' | 'answering' | 'complete';

/** An HTTP answer other than 2xx. */
export interface HttpRefusal {
  readonly status: number;
  readonly headers: Headers;
  /** At most the first 64 kB. */
  readonly body: string;
}

/** One vendor call under observation. */
export interface WatchedCall {
  /** Give it to the SDK: it connects, watches the clock and follows no redirect. */
  readonly fetch: typeof globalThis.fetch;
  /** Give it to the SDK: aborted by the caller or by a timer. */
  readonly signal: AbortSignal;
  readonly phase: () => CallPhase;
  /** Give it to the SDK as its timeout in milliseconds: later than all timers here, so that these decide what the failure is. */
  readonly sdkTimeoutMs: number;
  /** The timer that ended the call. */
  readonly expired: () => Exclude<keyof CallTimeouts, 'connect'> | undefined;
  /** The headers of the answer, once there is one. */
  readonly headers: () => Headers | undefined;
  readonly refusal: () => HttpRefusal | undefined;
  /** Stops all timers. */
  readonly end: () => void;
}

const LARGEST_REFUSAL_CHARACTERS = 65_536;
/** An hour of speech at 128 kbit/s. More than any answer; less than what would hurt this process. */
const LARGEST_ANSWER_BYTES = 64 * 1024 * 1024;

const SDK_MARGIN_MS = 5_000;

const agents = new Map<number, Agent>();

/** Connections are kept and shared by all calls with the same connect timeout. The other timers are ours. */
function agentFor(connectMs: number): Agent {
  let agent = agents.get(connectMs);
  if (!agent) {
    agent = new Agent({ connect: { timeout: connectMs }, headersTimeout: 0, bodyTimeout: 0, allowH2: false });
    agents.set(connectMs, agent);
  }
  return agent;
}

/**
 * Watches one vendor call: total time, time to the first byte, time between pieces, and what came back. The time to
 * connect is the agent's to watch; it fails with UND_ERR_CONNECT_TIMEOUT.
 */
export function watchCall({
  signal: callerSignal,
  timeouts,
  largestBytes = LARGEST_ANSWER_BYTES,
}: {
  signal: AbortSignal;
  timeouts: CallTimeouts;
  largestBytes?: number;
}): WatchedCall {
  const controller = new AbortController();
  const signal = AbortSignal.any([callerSignal, controller.signal]);
  let phase: CallPhase = 'ready';
  let expired: ReturnType<WatchedCall['expired']>;
  let headers: Headers | undefined;
  let refusal: HttpRefusal | undefined;

  function arm(name: NonNullable<typeof expired>, milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => {
      expired ??= name;
      controller.abort(new Error(`The ${name} timeout of ${timeouts[name]} ms is over.`));
    }, milliseconds);
  }

  const totalTimer = arm('total', timeouts.total);
  let phaseTimer: NodeJS.Timeout | undefined;
  function waitForNext(): void {
    clearTimeout(phaseTimer);
    phaseTimer = arm('idle', timeouts.idle);
  }

  /** The same bytes, counted, with the idle timer wound up at each piece. */
  function watchBody(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
    let bytes = 0;
    return body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, stream) {
          waitForNext();
          bytes += chunk.byteLength;
          if (bytes > largestBytes) throw new RangeError(`The answer is larger than ${largestBytes} bytes.`);
          stream.enqueue(chunk);
        },
        flush() {
          clearTimeout(phaseTimer);
          phase = 'complete';
        },
      }),
    );
  }

  const watchedFetch: typeof globalThis.fetch = async (input, init) => {
    const address = typeof input === 'string' || input instanceof URL ? input : input.url;
    phaseTimer = arm('firstByte', timeouts.connect + timeouts.firstByte);
    phase = 'sent';
    const request = {
      ...init,
      signal: init?.signal ? AbortSignal.any([signal, init.signal]) : signal,
      redirect: 'manual',
      dispatcher: agentFor(timeouts.connect),
    } as UndiciRequestInit;
    const answer = await undiciFetch(address, request);
    waitForNext();
    headers = new Headers([...answer.headers]);
    if (!answer.ok) {
      const body = (await answer.text()).slice(0, LARGEST_REFUSAL_CHARACTERS);
      clearTimeout(phaseTimer);
      refusal = { status: answer.status, headers, body };
      return new Response(body, { status: Math.max(answer.status, 200), headers });
    }
    phase = 'answering';
    const body = answer.body ? watchBody(answer.body as ReadableStream<Uint8Array>) : null;
    return new Response(body, { status: answer.status, headers });
  };

  return {
    fetch: watchedFetch,
    signal,
    sdkTimeoutMs: timeouts.total + SDK_MARGIN_MS,
    phase: () => phase,
    expired: () => expired,
    headers: () => headers,
    refusal: () => refusal,
    end() {
      clearTimeout(totalTimer);
      clearTimeout(phaseTimer);
    },
  };
}
