import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import type { Messages, QueueBackend } from '../backend.ts';
import { createBullMqPart, toConsumer, toProcessor } from '../bullmq-queues.ts';
import { WORKER_OPTIONS } from '../topology.ts';
import { watchConnection } from './watch-connection.ts';

export interface RedisBackendOptions {
  /** redis:// or rediss:// URL. */
  readonly url: string;
  /** Start of every key; the braces keep all keys in one slot of a cluster. Default `{ai-core}`. */
  readonly prefix?: string | undefined;
  readonly onError: (error: Error) => void;
}

/**
 * Commands of a producer fail soon when Redis is away: with the defaults one add was still pending 45 s into a black hole. (Measured.)
 */
const PROMPT: RedisOptions = {
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false,
  commandTimeout: 2_000,
  connectTimeout: 3_000,
  retryStrategy: (times) => Math.min(times * 100, 1_000),
};
/** Blocking reads of a worker wait as long as they must and reconnect for ever. */
const PATIENT: RedisOptions = { maxRetriesPerRequest: null, connectTimeout: 3_000, retryStrategy: (times) => Math.min(times * 100, 1_000) };

/** How long to wait for the first connection; without it the queue opens all the same and works as soon as Redis is there. */
const START_PATIENCE_MS = 2_000;

function whenReady(connection: Redis, patienceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, patienceMs);
    connection.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** The queue on Redis: production, any number of machines. */
export async function openRedisBackend(options: RedisBackendOptions): Promise<QueueBackend> {
  const { url, prefix = '{ai-core}', onError } = options;
  const connections: Redis[] = [];
  const watches: (() => void)[] = [];

  function connect(settings: RedisOptions): Redis {
    const connection = new Redis(url, settings);
    connection.on('error', onError);
    connections.push(connection);
    watches.push(watchConnection(connection));
    return connection;
  }

  const commands = connect(PROMPT);
  const workers = connect(PATIENT);
  const subscriber = connect({ ...PATIENT, autoResubscribe: true });
  await whenReady(commands, START_PATIENCE_MS);

  // BullMQ's object asks for the server's version when it is made and never recovers when that fails, so none is made before.
  function openQueue(name: string): Queue {
    if (commands.status !== 'ready') throw new Error('Redis is away');
    return new Queue(name, { connection: commands, prefix });
  }

  const part = createBullMqPart(openQueue, onError);
  const epochKey = `${prefix}:epoch`;

  return {
    name: 'redis',
    dispatch: part.dispatch,
    listMissing: part.listMissing,
    pauseFor: part.pauseFor,
    isPaused: part.isPaused,
    schedule: part.schedule,
    enqueueMaintenance: part.enqueueMaintenance,
    depths: part.depths,
    listQueues: part.listQueues,

    async consume(consume) {
      const worker = new Worker(consume.queue, toProcessor(consume), {
        ...WORKER_OPTIONS,
        connection: workers,
        prefix,
        concurrency: consume.concurrency,
      });
      // Lost locks and connections: cured by the ledger's generation and by reconnecting, so they are not the handler's errors.
      worker.on('error', onError);
      // It goes to work as soon as Redis is there; a process that starts while it is away has other things to look after meanwhile.
      const ready = worker.waitUntilReady().catch(onError);
      await Promise.race([ready, new Promise((resolve) => setTimeout(resolve, START_PATIENCE_MS).unref())]);
      return toConsumer(worker);
    },

    async readEpoch() {
      const fresh = randomUUID();
      const existing = await commands.set(epochKey, fresh, 'GET' as never, 'NX' as never);
      return existing ?? fresh;
    },

    messages: createMessages(commands, subscriber, prefix),

    async close() {
      for (const endWatch of watches) endWatch();
      await part.closeQueues();
      for (const connection of connections) connection.disconnect();
    },
  };
}

function createMessages(commands: Redis, subscriber: Redis, prefix: string): Messages {
  const listeners = new Map<string, { onMessage: (text: string) => void; onReset: () => void }>();
  let wasReady = false;
  subscriber.on('message', (channel: string, text: string) => listeners.get(channel)?.onMessage(text));
  subscriber.on('ready', () => {
    if (wasReady) for (const listener of listeners.values()) listener.onReset();
    wasReady = true;
  });

  return {
    async subscribe(topic, onMessage, onReset) {
      const channel = `${prefix}:${topic}`;
      listeners.set(channel, { onMessage, onReset });
      await subscriber.subscribe(channel);
      return async () => {
        listeners.delete(channel);
        if (subscriber.status === 'ready') await subscriber.unsubscribe(channel);
      };
    },
    async publish(messages) {
      await Promise.all(messages.map((message) => commands.publish(`${prefix}:${message.topic}`, message.text)));
    },
  };
}
