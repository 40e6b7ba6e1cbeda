import pg from 'pg';
import { connectionSettings, type DatabaseOptions } from './database.ts';
import { toStoreError } from './store-error.ts';

/** Locks by name over all processes on one database. */
export interface NamedLocks {
  /**
   * Does work while nobody else does work under the same name. A process that dies lets go of its names; one whose connection breaks
   * in the middle of the work may meet another at it, so the work has to bear that.
   * @throws STORE_UNAVAILABLE when Postgres cannot be reached, and whatever the work throws
   */
  hold<Result>(name: string, work: () => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

const FIRST_LOOK_MS = 20;
const LONGEST_LOOK_MS = 250;

/**
 * Opens locks of this process. They are session locks on one connection, tried again and again instead of waited for: hundreds of names
 * held during calls of seconds would otherwise take a connection each.
 */
export function openNamedLocks(options: DatabaseOptions): NamedLocks {
  /** Within this process everybody has the same session, which the server lets in twice. */
  const turns = new Map<string, Promise<unknown>>();
  let line: Promise<unknown> = Promise.resolve();
  let connecting: Promise<pg.Client> | undefined;

  function connect(): Promise<pg.Client> {
    return (connecting ??= open().catch((error: unknown) => {
      connecting = undefined;
      throw error;
    }));
  }

  async function open(): Promise<pg.Client> {
    const client = new pg.Client({ ...connectionSettings(options), application_name: 'ai-core locks' });
    const lose = (): void => {
      connecting = undefined;
    };
    client.on('error', lose);
    client.on('end', lose);
    await client.connect();
    return client;
  }

  /** One statement at a time: a connection takes no second one while it has the first. */
  function ask(client: pg.Client, text: string, name: string): Promise<pg.QueryResult<{ held: boolean }>> {
    const asking = line.then(() => client.query<{ held: boolean }>(text, [name]));
    line = asking.catch(() => undefined);
    return asking;
  }

  async function lock(name: string): Promise<pg.Client> {
    for (let waitMs = FIRST_LOOK_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_LOOK_MS)) {
      try {
        const client = await connect();
        const { rows } = await ask(client, 'select pg_try_advisory_lock(hashtextextended($1, 0)) as held', name);
        if (rows[0]?.held === true) return client;
      } catch (error) {
        throw toStoreError(error);
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }

  async function holdAlone<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
    const client = await lock(name);
    try {
      return await work();
    } finally {
      // A connection that has broken has let go already.
      await ask(client, 'select pg_advisory_unlock(hashtextextended($1, 0)) as held', name).catch(() => undefined);
    }
  }

  return {
    async hold(name, work) {
      const before = turns.get(name);
      const turn = (async () => {
        await before?.catch(() => undefined);
        return holdAlone(name, work);
      })();
      turns.set(name, turn);
      try {
        return await turn;
      } finally {
        if (turns.get(name) === turn) turns.delete(name);
      }
    },
    async close() {
      await (await connecting?.catch(() => undefined))?.end().catch(() => undefined);
    },
  };
}
