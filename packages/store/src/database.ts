import pg from 'pg';
import { toStoreError } from './store-error.ts';

/** One prepared statement: its name is its identity on every connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export interface DatabaseOptions {
  /** postgres:// URL. */
  readonly url: string;
  /** Connections of this process; default 10. */
  readonly maxConnections?: number | undefined;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string | undefined;
  /** How long one statement may take before it is given up, in milliseconds; default 10,000. */
  readonly statementTimeoutMs?: number | undefined;
  /** Told of errors on idle connections (a restarted server). They are cured by the next query. */
  readonly onError?: ((error: Error) => void) | undefined;
}

export interface Database {
  readonly pool: pg.Pool;
  /** Runs a prepared statement. Throws STORE_UNAVAILABLE when Postgres cannot be reached in time. */
  query<Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
  /**
   * Runs `work` on one connection in a transaction of the isolation level given.
   * The connection is discarded when the transaction failed half-way.
   */
  transaction<Result>(work: (client: pg.PoolClient) => Promise<Result>, isolation?: 'read committed' | 'repeatable read'): Promise<Result>;
  close(): Promise<void>;
}

const INT8 = 20;

/** Money and generations are 64-bit integers: they arrive as bigint, never as a rounded number. */
const exactTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === INT8 && format !== 'binary' ? (value: string) => BigInt(value) : pg.types.getTypeParser(oid, format as 'text')) as never,
};

/** Settings every connection of ours shares: nothing waits for ever on a dead network. */
export function connectionSettings(options: DatabaseOptions): pg.ClientConfig {
  const timeoutMs = options.statementTimeoutMs ?? 10_000;
  return {
    connectionString: options.url,
    application_name: options.applicationName ?? 'ai-core',
    connectionTimeoutMillis: 3_000,
    // The server gives up first and says so; a network that is dead says nothing.
    statement_timeout: Math.max(1, timeoutMs - 500),
    query_timeout: timeoutMs,
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    types: exactTypes,
  };
}

/** Opens the one connection pool of a process. Connects lazily. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({ ...connectionSettings(options), max: options.maxConnections ?? 10, idleTimeoutMillis: 30_000 });
  pool.on('error', (error) => options.onError?.(error));
  // The pool listens to idle connections only. Without a listener of its own, a connection that broke between two statements of a
  // transaction or a roll-up ended the process.
  pool.on('connect', (client) => client.on('error', (error) => options.onError?.(error)));

  return {
    pool,

    async query<Row extends object>(statement: Statement, values: readonly unknown[] = []): Promise<Row[]> {
      try {
        const result = await pool.query<Row>({ name: statement.name, text: statement.text, values: [...values] });
        return result.rows;
      } catch (error) {
        throw toStoreError(error);
      }
    },

    async transaction<Result>(
      work: (client: pg.PoolClient) => Promise<Result>,
      isolation: 'read committed' | 'repeatable read' = 'read committed',
    ): Promise<Result> {
      let client: pg.PoolClient;
      try {
        client = await pool.connect();
      } catch (error) {
        throw toStoreError(error);
      }
      let failure: Error | undefined;
      try {
        await client.query(`begin isolation level ${isolation}`);
        const result = await work(client);
        await client.query('commit');
        return result;
      } catch (error) {
        failure = error instanceof Error ? error : new Error(String(error));
        await client.query('rollback').then(
          () => (failure = undefined),
          () => undefined,
        );
        throw toStoreError(error);
      } finally {
        client.release(failure);
      }
    },

    close: () => pool.end(),
  };
}

/** @returns how far this process's clock is ahead of the database's, in milliseconds; half the round trip is taken off */
export async function measureClockOffsetMs(database: Database): Promise<number> {
  const before = Date.now();
  const [row] = await database.query<{ ms: number }>({
    name: 'clock',
    text: 'select extract(epoch from clock_timestamp())::float8 * 1000 as ms',
  });
  return (before + Date.now()) / 2 - (row?.ms ?? 0);
}
