import { hostname } from 'node:os';
import { randomInt } from 'node:crypto';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { connectionSettings, type DatabaseOptions } from './database.ts';

/** First half of the advisory lock every worker process holds; ai_sweep_workers() looks for it. */
const LOCK_CLASS = 7277;

/**
 * How soon a lost connection is made again. Without its lock a worker looks dead to two sweeps a second apart: waiting for the next
 * renewal let a restart of Postgres kill living workers, whose calls were then paid for twice.
 */
const RECONNECT_MS = 200;

export interface WorkerRegistryOptions extends DatabaseOptions {
  /** Queues this process serves. */
  readonly roles: readonly string[];
  /** How long the lease lasts without renewal, in milliseconds; default 10,000. */
  readonly leaseMs?: number;
  /** How often it is renewed, in milliseconds; default 2,000. */
  readonly renewMs?: number;
  /** The process was declared dead (it was frozen or cut off) and has registered again under a new id. */
  readonly onReborn?: (() => void) | undefined;
}

export interface WorkerRegistry {
  /** The current row in ai_worker. Changes when the process has been declared dead. */
  workerId(): string;
  /** True while the lease is known to be held. */
  isHeld(): boolean;
  /** Gives the row up: whatever the worker still holds may be taken over at once. */
  close(): Promise<void>;
}

/**
 * Registers this process as a worker: a row with a lease by the database's clock, renewed on a connection of its own that also
 * holds a session lock. The lock falls 7 ms after a SIGKILL but stays under SIGSTOP; the lease ends under both. (Measured.)
 */
export async function registerWorker(options: WorkerRegistryOptions): Promise<WorkerRegistry> {
  const leaseMs = options.leaseMs ?? 10_000;
  const renewMs = options.renewMs ?? 2_000;
  let workerId = '';
  let lockKey = 0;
  let client: pg.Client | undefined;
  let heldUntil = 0;
  let closed = false;
  let ticking = false;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<pg.Client> {
    const fresh = new pg.Client({ ...connectionSettings(options), application_name: 'ai-core worker lease' });
    // Without a listener an error on the idle connection would end the process; it is made again.
    fresh.on('error', () => lose(fresh));
    fresh.on('end', () => lose(fresh));
    await fresh.connect();
    return fresh;
  }

  function lose(connection: pg.Client): void {
    if (client !== connection) return;
    client = undefined;
    if (ticking || closed) return;
    clearTimeout(timer);
    timer = setTimeout(() => void tick(), RECONNECT_MS);
  }

  async function enlist(connection: pg.Client): Promise<void> {
    workerId = uuidv7();
    lockKey = randomInt(1, 2 ** 31 - 1);
    await connection.query('select pg_advisory_lock($1::integer, $2::integer)', [LOCK_CLASS, lockKey]);
    await connection.query(
      `insert into ai_worker (id, roles, host, pid, lock_key, lease_until)
       values ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(secs => $6))`,
      [workerId, options.roles, hostname(), process.pid, lockKey, leaseMs / 1000],
    );
  }

  async function renew(): Promise<void> {
    let connection = client;
    if (connection === undefined) {
      connection = await connect();
      await connection.query('select pg_advisory_lock($1::integer, $2::integer)', [LOCK_CLASS, lockKey]);
      client = connection;
    }
    const before = performance.now();
    const { rowCount } = await connection.query(
      `update ai_worker set lease_until = clock_timestamp() + make_interval(secs => $2), lock_missed_at = null, updated_at = clock_timestamp()
       where id = $1 and dead_at is null`,
      [workerId, leaseMs / 1000],
    );
    if (rowCount === 0) {
      await connection.query('select pg_advisory_unlock_all()');
      await enlist(connection);
      options.onReborn?.();
    }
    heldUntil = before + leaseMs;
  }

  async function tick(): Promise<void> {
    ticking = true;
    try {
      await renew();
    } catch (error) {
      options.onError?.(error instanceof Error ? error : new Error(String(error)));
      const broken = client;
      client = undefined;
      await broken?.end().catch(() => undefined);
    }
    ticking = false;
    if (!closed) timer = setTimeout(() => void tick(), client === undefined ? RECONNECT_MS : renewMs);
  }

  const first = await connect();
  try {
    await enlist(first);
  } catch (error) {
    await first.end().catch(() => undefined);
    throw error;
  }
  client = first;
  heldUntil = performance.now() + leaseMs;
  timer = setTimeout(() => void tick(), renewMs);

  return {
    workerId: () => workerId,
    isHeld: () => performance.now() < heldUntil,
    async close() {
      closed = true;
      clearTimeout(timer);
      const connection = client;
      if (connection === undefined) return;
      await connection
        .query(
          'update ai_worker set dead_at = clock_timestamp(), lease_until = clock_timestamp(), updated_at = clock_timestamp() where id = $1',
          [workerId],
        )
        .catch(() => undefined);
      await connection.end().catch(() => undefined);
    },
  };
}
