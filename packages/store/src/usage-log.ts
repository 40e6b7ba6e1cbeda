import type { SelectionMode } from '@ai-core/core';
import type { Database, Statement } from './database.ts';
import { isUnavailable } from './store-error.ts';

/** A memory hit to be written down: one request row at no cost. */
export interface HitRow {
  readonly requestId: string;
  /** The database's time at the look-up; with the id it makes the row unique. */
  readonly at: Date;
  readonly memoryId: string;
  readonly endpoint: string;
  readonly userId: string;
  readonly caller: string;
  readonly selectionMode: SelectionMode;
  readonly latencyMs: number;
}

export interface HitWriter {
  /** Takes a hit. Resolves at once, or when there is room again while the buffer is full. */
  write(hit: HitRow): Promise<void>;
  /** Resolves when everything taken so far is in the usage log. */
  flush(): Promise<void>;
  /** Flushes and stops. */
  close(): Promise<void>;
}

export interface HitWriterOptions {
  readonly database: Database;
  /** How long a hit may lie in the buffer, in milliseconds: what a SIGKILL of the process can lose. Default 100. */
  readonly flushMs?: number;
  /** Rows the buffer holds while Postgres is away; beyond it `write` waits. Default 10,000. */
  readonly maxRows?: number;
  /** Told of failures to write; the rows are kept and tried again. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const LOG_HITS: Statement = {
  name: 'log_hits',
  text: `select ai_log_hits($1::uuid[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::integer[])`,
};
const MAX_STATEMENT_ROWS = 1_000;
const RETRY_MS = 500;

/** An array parameter of values that need no quotes, which the driver would look for in each. */
function plainArray(values: readonly (string | number)[]): string {
  return `{${values.join(',')}}`;
}

async function insertHits(database: Database, rows: readonly HitRow[]): Promise<void> {
  await database.query(LOG_HITS, [
    plainArray(rows.map((row) => row.requestId)),
    plainArray(rows.map((row) => row.at.toISOString())),
    plainArray(rows.map((row) => row.memoryId)),
    rows.map((row) => row.endpoint),
    rows.map((row) => row.userId),
    rows.map((row) => row.caller),
    plainArray(rows.map((row) => row.selectionMode)),
    plainArray(rows.map((row) => Math.round(row.latencyMs))),
  ]);
}

/** Writes memory hits in batches. Writing a row twice changes nothing, so a failed batch is simply tried again. */
export function createHitWriter(options: HitWriterOptions): HitWriter {
  const { database, flushMs = 100, maxRows = 10_000 } = options;
  let buffer: HitRow[] = [];
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  let waitingForRoom: (() => void)[] = [];
  let closed = false;

  function makeRoom(): void {
    const waiting = waitingForRoom;
    waitingForRoom = [];
    for (const resume of waiting) resume();
  }

  async function drain(): Promise<void> {
    while (buffer.length > 0) {
      const rows = buffer.slice(0, MAX_STATEMENT_ROWS);
      try {
        await insertHits(database, rows);
      } catch (error) {
        options.onError?.(error);
        if (closed && isUnavailable(error)) throw error;
        if (isUnavailable(error)) {
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
          continue;
        }
        // A row the database refuses for good must not hold up the others for ever.
        if (rows.length > 1) {
          for (const row of rows) await insertHits(database, [row]).catch(options.onError ?? (() => undefined));
        }
      }
      buffer = buffer.slice(rows.length);
      makeRoom();
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    flushing ??= drain().finally(() => {
      flushing = undefined;
    });
    return flushing;
  }

  return {
    async write(hit) {
      while (buffer.length >= maxRows) await new Promise<void>((resolve) => waitingForRoom.push(resolve));
      buffer.push(hit);
      if (buffer.length >= MAX_STATEMENT_ROWS) void flush().catch(() => undefined);
      else timer ??= setTimeout(() => void flush().catch(() => undefined), flushMs);
    },
    async flush() {
      while (buffer.length > 0) await flush();
    },
    async close() {
      closed = true;
      while (buffer.length > 0) await flush();
    },
  };
}
