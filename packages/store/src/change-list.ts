/** The audit log as people read it. */
import type { Database, Statement } from './database.ts';

export interface Change {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
}

export interface ChangeQuestion {
  readonly actor?: string | undefined;
  /** The beginning of an action, such as `memory.` */
  readonly action?: string | undefined;
  readonly after?: { readonly at: string; readonly id: string } | undefined;
  readonly limit?: number | undefined;
}

const LIST: Statement = {
  name: 'change_list',
  text: `select jsonb_build_object('id', a.id, 'at', a.at, 'actor', a.actor, 'action', a.action, 'subject', a.subject, 'before', a.before,
      'after', a.after) as row
    from ai_audit_log a where ($1::text is null or a.actor = $1) and ($2::text is null or starts_with(a.action, $2))
      and ($3::timestamptz is null or (a.at, a.id) < ($3::timestamptz, $4::uuid))
    order by a.at desc, a.id desc limit $5`,
};

/** One page of what people and programs have changed, newest first. */
export async function listChanges(database: Database, question: ChangeQuestion): Promise<Change[]> {
  const { actor, action, after, limit = 50 } = question;
  const filters = [actor, action, after?.at, after?.id].map((value) => value ?? null);
  return (await database.query<{ row: Change }>(LIST, [...filters, limit])).map(({ row }) => row);
}
