import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { AiCoreError } from '@ai-core/core';
import { findSession } from '@ai-core/store';
import { findAccessRule, hasRole } from '../access-rules.ts';
import type { ConsoleServices } from '../console-services.ts';
import { createLiveFeed } from '../live-feed.ts';

const PATH = '/api/live';
/** A page that does not read for so long is gone, or will ask again. */
const MOST_UNREAD_BYTES = 262_144;

/** Server-sent events for open pages. The stream ends with the session, or when its role does not suffice any more. */
export function registerLive(app: FastifyInstance, services: ConsoleServices): void {
  const { database, cookie } = services;
  const feed = createLiveFeed(services);
  const open = new Set<PassThrough>();
  const need = findAccessRule('GET', PATH)?.need ?? 'admin';

  app.addHook('preClose', async () => {
    feed.close();
    for (const stream of open) stream.end();
  });

  app.get(PATH, async (request, reply) => {
    if (!(request.headers.accept ?? '').includes('text/event-stream'))
      throw new AiCoreError('REQUEST_INVALID', 'this is a stream of events; ask with Accept: text/event-stream');
    const token = cookie.read(request) ?? '';
    const stream = new PassThrough();
    open.add(stream);

    async function mayWatch(): Promise<boolean> {
      const session = await findSession(database, token, false);
      if (session === null || session.user.mustChangePassword) return false;
      return need === 'nothing' || need === 'login' || hasRole(session.user.role, need);
    }

    const stop = feed.watch({
      tell(event, data) {
        if (stream.readableLength > MOST_UNREAD_BYTES) stream.destroy();
        else stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      },
      async check() {
        if (await mayWatch()) return;
        // Without this event browsers would only connect again.
        stream.end('event: ended\ndata: {}\n\n');
      },
    });
    stream.once('close', () => {
      stop();
      open.delete(stream);
    });
    // Something at once, so that proxies and browsers see the stream open.
    stream.write('retry: 3000\n\n');
    return reply.type('text/event-stream; charset=utf-8').header('x-accel-buffering', 'no').send(stream);
  });
}
