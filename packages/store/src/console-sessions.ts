import { createHash, randomBytes } from 'node:crypto';
import type { ConsoleRole, ConsoleUser } from './console-users.ts';
import type { Database } from './database.ts';

/** How long a login lasts without a request, and at most. By the database's clock. */
export const SESSION_LIMITS = { idleMinutes: 30, absoluteHours: 12 } as const;

const TOKEN_BYTES = 32;
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

export interface ConsoleSession {
  readonly user: ConsoleUser;
  /** Must come back with every request that changes something. */
  readonly csrfToken: string;
  readonly expiresAt: Date;
}

export interface OpenedSession {
  /** For the cookie; only its SHA-256 is stored. */
  readonly token: string;
  readonly csrfToken: string;
}

function sha256(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/**
 * Opens a session under an id that nobody has seen before.
 * @param replaces token the browser came with; that session ends, so that a planted id is worth nothing after a login
 */
export async function openSession(database: Database, userId: string, replaces?: string): Promise<OpenedSession> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const csrfToken = randomBytes(TOKEN_BYTES).toString('base64url');
  await database.query(
    {
      name: 'console_session_open',
      text: `with ended as (
          delete from ai_console_session
          where token_sha256 = $4 or expires_at < clock_timestamp() or last_seen_at < clock_timestamp() - make_interval(mins => $6)
        )
        insert into ai_console_session (token_sha256, user_id, csrf_secret, last_seen_at, expires_at)
        values ($1, $2, $3, clock_timestamp(), clock_timestamp() + make_interval(hours => $5))`,
    },
    [
      sha256(token),
      userId,
      csrfToken,
      replaces === undefined ? '' : sha256(replaces),
      SESSION_LIMITS.absoluteHours,
      SESSION_LIMITS.idleMinutes,
    ],
  );
  return { token, csrfToken };
}

interface SessionRow {
  id: string;
  name: string;
  role: ConsoleRole;
  must_change_password: boolean;
  csrf_secret: string;
  expires_at: Date;
}

/**
 * The session a token belongs to, or null when there is none, it has expired or its user was disabled.
 * @param isActivity false for what a page does by itself: it must not keep a forgotten screen logged in
 */
export async function findSession(database: Database, token: string, isActivity: boolean): Promise<ConsoleSession | null> {
  if (!TOKEN.test(token)) return null;
  const [row] = await database.query<SessionRow>(
    {
      name: 'console_session_find',
      // Written at most once in half a minute: a page with many files is one visit.
      text: `with live as (
          select s.token_sha256, s.csrf_secret, s.expires_at, u.id, u.name, u.role, u.must_change_password
          from ai_console_session s join ai_console_user u on u.id = s.user_id
          where s.token_sha256 = $1 and s.expires_at > clock_timestamp()
            and s.last_seen_at > clock_timestamp() - make_interval(mins => $2) and u.disabled_at is null
        ), seen as (
          update ai_console_session set last_seen_at = clock_timestamp()
          where $3 and token_sha256 in (select token_sha256 from live) and last_seen_at < clock_timestamp() - interval '30 seconds'
        )
        select id, name, role, must_change_password, csrf_secret, expires_at from live`,
    },
    [sha256(token), SESSION_LIMITS.idleMinutes, isActivity],
  );
  if (row === undefined) return null;
  return {
    user: { id: row.id, name: row.name, role: row.role, mustChangePassword: row.must_change_password },
    csrfToken: row.csrf_secret,
    expiresAt: row.expires_at,
  };
}

/** Ends a session: its token is worth nothing from now on. */
export async function closeSession(database: Database, token: string): Promise<void> {
  await database.query({ name: 'console_session_close', text: 'delete from ai_console_session where token_sha256 = $1' }, [sha256(token)]);
}
