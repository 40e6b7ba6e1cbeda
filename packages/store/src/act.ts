import type pg from 'pg';
import { writeChange, type AuditEntry } from './audit-log.ts';
import type { Database } from './database.ts';

/** A change by a person or a program: on which ledger, by whom, and how the other processes hear of it. */
export interface Act {
  readonly database: Database;
  /** Name in the audit log. */
  readonly actor: string;
  /** Sent after the commit: publishes CHANGES_TOPIC, upon which every process drops its copies. Whoever misses it notices within 5 seconds. */
  readonly announce: () => Promise<unknown>;
}

/** What a transaction of an act can write. */
export interface ActTransaction {
  readonly client: pg.PoolClient;
  /** Writes the change down under the actor's name, in the same transaction. */
  record(entry: Omit<AuditEntry, 'actor'>): Promise<void>;
}

/** Runs one change with its audit entry in one transaction, then tells the fleet. */
export async function perform<Result>(act: Act, work: (transaction: ActTransaction) => Promise<Result>): Promise<Result> {
  const result = await act.database.transaction((client) =>
    work({ client, record: (entry) => writeChange(client, { ...entry, actor: act.actor }) }),
  );
  // The change is committed. Copies live 5 seconds at most, so a message that is lost is no failure of the act.
  await act.announce().catch(() => undefined);
  return result;
}
