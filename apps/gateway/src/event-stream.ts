import { once } from 'node:events';
import type { FastifyReply } from 'fastify';

/** An answer that comes as server-sent events. */
export interface EventStream {
  /** @param event its name; undefined = none. @returns false when the client is gone */
  send(data: unknown, event?: string): Promise<boolean>;
  end(): void;
}

/** A connection on which nothing moves is cut by proxies; most wait a minute. */
const KEEP_ALIVE_MS = 15_000;

/** Begins the answer; headers set on the reply so far are sent. From here on the route answers through the stream alone. */
export function openEventStream(reply: FastifyReply): EventStream {
  const { raw } = reply;
  reply.headers({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'x-request-id': reply.request.id,
    'x-content-type-options': 'nosniff',
  });
  const headers = reply.getHeaders();
  reply.hijack();
  raw.writeHead(200, headers as Record<string, string>);
  raw.flushHeaders();
  const keepAlive = setInterval(() => raw.write(': waiting\n\n'), KEEP_ALIVE_MS);
  raw.once('close', () => clearInterval(keepAlive));

  return {
    async send(data, event) {
      if (raw.destroyed) return false;
      const text = typeof data === 'string' ? data : JSON.stringify(data);
      const flowing = raw.write(`${event === undefined ? '' : `event: ${event}\n`}data: ${text}\n\n`);
      // A client that reads slowly is waited for; one that is gone ends the wait.
      if (!flowing && !raw.destroyed) await Promise.race([once(raw, 'drain'), once(raw, 'close')]);
      return !raw.destroyed;
    },
    end: () => void raw.end(),
  };
}
