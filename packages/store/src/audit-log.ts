import type pg from 'pg';
import type { Database, Statement } from './database.ts';

/** One change an operator made: who did what to which thing. Values hold neither secrets nor prompts. */
export interface AuditEntry {
  /** Name of the console user or of the program. */
  readonly actor: string;
  /** Verb and kind, such as `password.changed`. */
  readonly action: string;
  /** What was changed. */
  readonly subject: string;
  readonly before?: Readonly<Record<string, unknown>> | undefined;
  readonly after?: Readonly<Record<string, unknown>> | undefined;
}

const RECORD: Statement = {
  name: 'audit_record',
  text: 'insert into ai_audit_log (actor, action, subject, before, after) values ($1, $2, $3, $4::jsonb, $5::jsonb)',
};

/** Writes a change down. Entries are never changed or removed. */
export async function recordChange(database: Database, entry: AuditEntry): Promise<void> {
  await database.query(RECORD, toValues(entry));
}

/** Writes a change down in the transaction that makes it. */
export async function writeChange(client: pg.PoolClient, entry: AuditEntry): Promise<void> {
  await client.query({ ...RECORD, values: toValues(entry) });
}

function toValues(entry: AuditEntry): unknown[] {
  return [entry.actor, entry.action, entry.subject, toJson(entry.before), toJson(entry.after)];
}

function toJson(value: Readonly<Record<string, unknown>> | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
