/** Who may log in to the console, for those who give access. */
import { AiCoreError } from '@ai-core/core';
import { perform, type Act } from './act.ts';
import type { ConsoleRole } from './console-users.ts';
import type { Database, Statement } from './database.ts';

export interface ListedUser {
  readonly id: string;
  readonly name: string;
  readonly role: ConsoleRole;
  readonly mustChangePassword: boolean;
  readonly isDisabled: boolean;
  readonly createdAt: string;
  readonly lastSeenAt: string | null;
}

export interface UserEdit {
  readonly role?: ConsoleRole | undefined;
  /** true ends every session of the user. */
  readonly isDisabled?: boolean | undefined;
}

const LIST: Statement = {
  name: 'console_user_list',
  text: `select jsonb_build_object('id', u.id, 'name', u.name, 'role', u.role, 'mustChangePassword', u.must_change_password,
      'isDisabled', u.disabled_at is not null, 'createdAt', u.created_at,
      'lastSeenAt', (select max(s.last_seen_at) from ai_console_session s where s.user_id = u.id)) as row
    from ai_console_user u order by u.name`,
};

/** Every user there is, disabled ones too. */
export async function listConsoleUsers(database: Database): Promise<ListedUser[]> {
  return (await database.query<{ row: ListedUser }>(LIST)).map(({ row }) => row);
}

/**
 * Gives a user another role, or takes the access away and gives it back.
 * @throws NOT_FOUND; REQUEST_INVALID when nobody would be left who may give access
 */
export async function editConsoleUser(act: Act, id: string, edit: UserEdit): Promise<void> {
  await perform(act, async ({ client, record }) => {
    // Two admins who take each other's access at the same moment must not both succeed.
    const { rows } = await client.query<{ id: string; name: string; role: ConsoleRole; is_disabled: boolean }>(
      'select id, name, role, disabled_at is not null as is_disabled from ai_console_user order by id for update',
    );
    const before = rows.find((row) => row.id === id);
    if (before === undefined) throw new AiCoreError('NOT_FOUND', 'there is no such user');
    const role = edit.role ?? before.role;
    const isDisabled = edit.isDisabled ?? before.is_disabled;
    const admins = rows.filter((row) => (row.id === id ? role === 'admin' && !isDisabled : row.role === 'admin' && !row.is_disabled));
    if (admins.length === 0) throw new AiCoreError('REQUEST_INVALID', 'this is the last admin; make somebody else an admin first');
    await client.query(
      `update ai_console_user set role = $2, disabled_at = case when $3 then coalesce(disabled_at, clock_timestamp()) end,
         updated_at = clock_timestamp() where id = $1`,
      [id, role, isDisabled],
    );
    if (isDisabled) await client.query('delete from ai_console_session where user_id = $1', [id]);
    await record({
      action: 'user.edited',
      subject: before.name,
      before: { role: before.role, is_disabled: before.is_disabled },
      after: { role, is_disabled: isDisabled },
    });
  });
}
