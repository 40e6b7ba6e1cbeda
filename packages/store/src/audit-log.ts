import type { Database } from './database.ts';

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

/** Writes a change down. Entries are never changed or removed. */
export async function recordChange(database: Database, entry: AuditEntry): Promise<void> {
  await database.query(
    {
      name: 'audit_record',
      text: 'insert into ai_audit_log (actor, action, subject, before, after) values ($1, $2, $3, $4::jsonb, $5::jsonb)',
    },
    [entry.actor, entry.action, entry.subject, toJson(entry.before), toJson(entry.after)],
  );
}

function toJson(value: Readonly<Record<string, unknown>> | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
