import { createPostgresBackend, runMigrations, withBackend, type Queue, type Worker } from 'bullmq';
import pg from 'pg';
import type { Messages, QueueBackend } from '../backend.ts';
import { createBullMqPart, toConsumer, toProcessor } from '../bullmq-queues.ts';
import { WORKER_OPTIONS } from '../topology.ts';

export interface PostgresBackendOptions {
  /** postgres:// URL; the queue's tables live in the schema `bullmq` of this database. */
  readonly url: string;
  /** Connections of this process for the queue, all queues together. Each consumer holds one of them for itself. Default 16. */
  readonly maxConnections?: number | undefined;
  readonly onError: (error: Error) => void;
}

const OnPostgres = withBackend(createPostgresBackend);
/** No statement of the queue waits longer for an answer: the network may be dead. */
const QUERY_TIMEOUT_MS = 6_000;
/** Largest payload NOTIFY takes is 8,000 bytes. */
const MAX_NOTIFY_BYTES = 7_900;

/** Brings the queue's own tables up to date. To be called under the lock of the database's migrator. */
export async function migrateQueue(client: pg.Client): Promise<void> {
  await runMigrations(client as never);
}

/** The queue in Postgres: one machine, no further service. All queues of a process share one pool. */
export async function openPostgresBackend(options: PostgresBackendOptions): Promise<QueueBackend> {
  const { url, onError } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? 16,
    // A pool made by the caller does not get the schema from BullMQ.
    options: '-c search_path=bullmq',
    application_name: 'ai-core queue',
    connectionTimeoutMillis: 3_000,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
  });
  pool.on('error', onError);
  // Every consumer's LISTEN connection comes from the pool and adds listeners to it.
  pool.setMaxListeners(0);
  const connection = pool as never;
  const part = createBullMqPart((name) => new OnPostgres.Queue(name, { connection }) as unknown as Queue, onError);
  const messages = createMessages(url, pool, onError);

  return {
    name: 'postgres',
    dispatch: part.dispatch,
    listMissing: part.listMissing,
    pauseFor: part.pauseFor,
    isPaused: part.isPaused,
    schedule: part.schedule,
    enqueueMaintenance: part.enqueueMaintenance,
    depths: part.depths,
    listQueues: part.listQueues,

    async consume(consume) {
      const worker = new OnPostgres.Worker(consume.queue, toProcessor(consume), {
        ...WORKER_OPTIONS,
        connection,
        concurrency: consume.concurrency,
      }) as unknown as Worker;
      // Lost locks and connections: cured by the ledger's generation and by reconnecting, so they are not the handler's errors.
      worker.on('error', onError);
      await worker.waitUntilReady();
      return toConsumer(worker);
    },

    // The queue shares its fate with the ledger: it cannot be emptied behind the ledger's back.
    readEpoch: async () => 'postgres',

    messages,

    async close() {
      await part.closeQueues();
      await messages.close();
      await pool.end();
    },
  };
}

function channelOf(topic: string): string {
  return `ai_core_${topic}`;
}

/** NOTIFY and LISTEN. Messages go out after the ledger's commit, in a statement of their own: NOTIFY inside it would serialise commits. */
function createMessages(url: string, pool: pg.Pool, onError: (error: Error) => void): Messages & { close(): Promise<void> } {
  const listeners = new Map<string, { onMessage: (text: string) => void; onReset: () => void }>();
  let client: Promise<pg.Client> | undefined;
  let closed = false;

  function connect(): Promise<pg.Client> {
    client ??= open().catch((error: unknown) => {
      client = undefined;
      throw error;
    });
    return client;
  }

  async function open(): Promise<pg.Client> {
    const fresh = new pg.Client({
      connectionString: url,
      application_name: 'ai-core messages',
      connectionTimeoutMillis: 3_000,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5_000,
    });
    fresh.on('notification', (message) => listeners.get(message.channel)?.onMessage(message.payload ?? ''));
    fresh.on('error', onError);
    fresh.on('end', () => void reconnect(fresh));
    await fresh.connect();
    for (const channel of listeners.keys()) await fresh.query(`listen "${channel}"`);
    return fresh;
  }

  async function reconnect(lost: pg.Client): Promise<void> {
    lost.removeAllListeners('notification');
    client = undefined;
    while (!closed && listeners.size > 0) {
      try {
        await connect();
        for (const listener of listeners.values()) listener.onReset();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  return {
    async subscribe(topic, onMessage, onReset) {
      const channel = channelOf(topic);
      listeners.set(channel, { onMessage, onReset });
      const connection = await connect();
      await connection.query(`listen "${channel}"`);
      return async () => {
        listeners.delete(channel);
        const current = await client?.catch(() => undefined);
        await current?.query(`unlisten "${channel}"`).catch(() => undefined);
      };
    },
    async publish(messages) {
      const fitting = messages.filter((message) => Buffer.byteLength(message.text) <= MAX_NOTIFY_BYTES);
      if (fitting.length === 0) return;
      await pool.query({
        name: 'publish',
        text: 'select pg_notify(x.channel, x.text) from unnest($1::text[], $2::text[]) as x (channel, text)',
        values: [fitting.map((message) => channelOf(message.topic)), fitting.map((message) => message.text)],
      });
    },
    async close() {
      closed = true;
      const current = await client?.catch(() => undefined);
      await current?.end().catch(() => undefined);
    },
  };
}
