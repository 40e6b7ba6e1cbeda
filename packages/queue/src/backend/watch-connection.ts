import type { Redis } from 'ioredis';

const LOOK_EVERY_MS = 1_000;
const MOST_UNANSWERED = 5;

/**
 * Replaces a connection that is open and says nothing any more: a server that was frozen, a network that swallows packets. The client
 * believes in such a connection for as long as the kernel does, a quarter of an hour; after a minute of a frozen server one stayed dumb
 * although the server had come back. Looks are counted, not seconds, so that a process that was frozen itself does not blame the server.
 * @param lookEveryMs how often it is asked
 * @returns a function that ends the watch
 */
export function watchConnection(connection: Redis, lookEveryMs = LOOK_EVERY_MS): () => void {
  let answered = true;
  let unanswered = 0;
  const timer = setInterval(() => {
    // `connect` is a connection that has not said yet that it is ready.
    const isOpen = connection.status === 'ready' || connection.status === 'connect';
    unanswered = answered || !isOpen ? 0 : unanswered + 1;
    answered = !isOpen;
    if (unanswered >= MOST_UNANSWERED) {
      unanswered = 0;
      answered = true;
      connection.disconnect(true);
    } else if (connection.status === 'ready') {
      connection.ping().then(
        () => (answered = true),
        () => undefined,
      );
    }
  }, lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
