import type { FastifyReply } from 'fastify';

/** Requests that wait for something: each ends when its client is gone, and all end when the gateway stops. */
export interface OpenWaits {
  /** A signal for one request. */
  watch(reply: FastifyReply): AbortSignal;
  /** Ends every wait, also those that begin from now on. */
  endAll(): void;
}

export function createOpenWaits(): OpenWaits {
  const open = new Set<AbortController>();
  let ended = false;
  return {
    watch(reply) {
      const controller = new AbortController();
      if (ended || reply.raw.destroyed) {
        controller.abort();
        return controller.signal;
      }
      open.add(controller);
      reply.raw.once('close', () => {
        open.delete(controller);
        if (!reply.raw.writableFinished) controller.abort();
      });
      return controller.signal;
    },
    endAll() {
      ended = true;
      for (const controller of open) controller.abort();
      open.clear();
    },
  };
}
