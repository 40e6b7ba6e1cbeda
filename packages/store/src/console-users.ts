import { AiCoreError } from '@ai-core/core';
import type { Database } from './database.ts';
import { hashPassword, isOutdatedHash, makeOneTimePassword, verifyPassword } from './hash-password.ts';

/** What a person may do in the console, each role including the ones before it. */
export const CONSOLE_ROLES = ['viewer', 'reviewer', 'operator', 'admin'] as const;
export type ConsoleRole = (typeof CONSOLE_ROLES)[number];

export interface ConsoleUser {
  readonly id: string;
  readonly name: string;
  readonly role: ConsoleRole;
  /** The password was given out by someone else; nothing but a new one may be set. */
  readonly mustChangePassword: boolean;
}

/** A name with a password that is shown once and must be changed at the first login. */
export interface OneTimeLogin {
  readonly name: string;
  readonly password: string;
}

const FIRST_ADMIN = 'admin';
const NAME = /^[a-z0-9][a-z0-9._@-]{0,63}$/;
const PASSWORD_LENGTH = { least: 12, most: 128 } as const;
const LEAST_DIFFERENT_SIGNS = 5;

/** @returns a name as it is stored: names are told apart neither by case nor by outer white space */
export function toUserName(given: string): string {
  return given.normalize('NFKC').trim().toLowerCase();
}

/**
 * What is wrong with a new password, one sentence, or null when it will do. Length counts, not a mix of signs (NIST SP 800-63B).
 * @param name of the user it is for
 */
export function findPasswordFault(password: string, name: string): string | null {
  const signs = [...password];
  if (signs.length < PASSWORD_LENGTH.least) return `A password has at least ${PASSWORD_LENGTH.least} characters.`;
  if (signs.length > PASSWORD_LENGTH.most) return `A password has at most ${PASSWORD_LENGTH.most} characters.`;
  if (new Set(signs).size < LEAST_DIFFERENT_SIGNS) return `A password has at least ${LEAST_DIFFERENT_SIGNS} different characters.`;
  if (password.toLowerCase().replaceAll(name, '').length < PASSWORD_LENGTH.least / 2) return 'A password is more than your name.';
  return null;
}

interface UserRow {
  id: string;
  name: string;
  role: ConsoleRole;
  must_change_password: boolean;
  password_hash: string;
}

/**
 * Finds the user that a name and a password belong to. An unknown name, a wrong password and a disabled user cannot be told apart,
 * neither by the answer nor by the time it takes.
 */
export async function findConsoleUser(database: Database, login: OneTimeLogin): Promise<ConsoleUser | null> {
  const [row] = await database.query<UserRow>(
    {
      name: 'console_user_by_name',
      text: `select id, name, role, must_change_password, password_hash from ai_console_user where name = $1 and disabled_at is null`,
    },
    [toUserName(login.name)],
  );
  const isRight = await verifyPassword(login.password, row?.password_hash ?? null);
  if (row === undefined || !isRight) return null;
  if (isOutdatedHash(row.password_hash)) {
    await database.query(
      { name: 'console_user_rehash', text: 'update ai_console_user set password_hash = $3 where id = $1 and password_hash = $2' },
      [row.id, row.password_hash, await hashPassword(login.password)],
    );
  }
  return { id: row.id, name: row.name, role: row.role, mustChangePassword: row.must_change_password };
}

/**
 * Creates a user with a one-time password.
 * @throws REQUEST_INVALID when the name is taken or is not one
 */
export async function createConsoleUser(
  database: Database,
  user: { readonly name: string; readonly role: ConsoleRole },
): Promise<OneTimeLogin> {
  const name = toUserName(user.name);
  if (!NAME.test(name)) {
    throw new AiCoreError(
      'REQUEST_INVALID',
      'a user name has 1 to 64 letters a-z, digits or any of . _ @ - and begins with a letter or digit',
    );
  }
  const password = makeOneTimePassword();
  const rows = await database.query<{ id: string }>(
    {
      name: 'console_user_create',
      text: `insert into ai_console_user (name, password_hash, role) values ($1, $2, $3) on conflict (name) do nothing returning id`,
    },
    [name, await hashPassword(password), user.role],
  );
  if (rows.length === 0) throw new AiCoreError('REQUEST_INVALID', `there is already a user named ${name}; choose another name`);
  return { name, password };
}

/**
 * Makes sure that somebody can log in: when there is no user at all, creates `admin`.
 * @returns the name with its one-time password, known to the caller alone from now on; null when there is a user already
 */
export async function ensureFirstAdmin(database: Database): Promise<OneTimeLogin | null> {
  const [any] = await database.query<{ any: boolean }>({
    name: 'console_user_any',
    text: 'select exists (select from ai_console_user) as any',
  });
  if (any?.any === true) return null;
  const password = makeOneTimePassword();
  const rows = await database.query<{ id: string }>(
    {
      name: 'console_user_first',
      text: `insert into ai_console_user (name, password_hash, role)
        select $1, $2, 'admin' where not exists (select from ai_console_user) on conflict (name) do nothing returning id`,
    },
    [FIRST_ADMIN, await hashPassword(password)],
  );
  return rows.length === 0 ? null : { name: FIRST_ADMIN, password };
}

/**
 * Gives a user a new one-time password and ends every session of theirs.
 * @throws NOT_FOUND when there is no such user
 */
export async function resetPassword(database: Database, givenName: string): Promise<OneTimeLogin> {
  const name = toUserName(givenName);
  const password = makeOneTimePassword();
  const rows = await database.query<{ id: string }>(
    {
      name: 'console_user_reset',
      text: `with reset as (
          update ai_console_user set password_hash = $2, must_change_password = true, updated_at = clock_timestamp() where name = $1 returning id
        ), ended as (delete from ai_console_session where user_id in (select id from reset))
        select id from reset`,
    },
    [name, await hashPassword(password)],
  );
  if (rows.length === 0) throw new AiCoreError('NOT_FOUND', `there is no console user named ${name}`);
  return { name, password };
}

/** Sets a password its owner has chosen and ends every session of theirs, the one it was set from included. */
export async function setPassword(database: Database, userId: string, password: string): Promise<void> {
  await database.query(
    {
      name: 'console_user_set_password',
      text: `with changed as (
          update ai_console_user set password_hash = $2, must_change_password = false, updated_at = clock_timestamp() where id = $1 returning id
        )
        delete from ai_console_session where user_id in (select id from changed)`,
    },
    [userId, await hashPassword(password)],
  );
}
