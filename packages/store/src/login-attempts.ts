import { createHash } from 'node:crypto';
import type { Database } from './database.ts';

/**
 * Slows guessing down without locking anybody out. Failures are counted three ways:
 * - one account from one address: refused for a while after a few failures; the owner, elsewhere, is not touched by it
 * - one address, all accounts: refused for a while after more failures
 * - one account, all addresses: never refused, only answered later, since a refusal would be a way to lock its owner out
 */
interface BackOffRule {
  /** Failures without consequence. */
  readonly freeFailures: number;
  /** How long the first failure after those blocks, in seconds; doubled with each further one. */
  readonly firstBlockSeconds: number;
  readonly longestBlockSeconds: number;
  /** How long an attempt waits once the free failures are used up, in milliseconds. */
  readonly delayMs: number;
}

type Scope = 'pair' | 'address' | 'account';

export const BACK_OFF = {
  pair: { freeFailures: 4, firstBlockSeconds: 30, longestBlockSeconds: 900, delayMs: 0 },
  address: { freeFailures: 29, firstBlockSeconds: 60, longestBlockSeconds: 900, delayMs: 0 },
  account: { freeFailures: 50, firstBlockSeconds: 0, longestBlockSeconds: 0, delayMs: 1_500 },
} as const satisfies Record<Scope, BackOffRule>;

/** After this long without a failure the count starts again. */
const FORGOTTEN_AFTER_HOURS = 24;

export interface LoginAttempt {
  /** As given; may be anything, also a password typed into the wrong field. Stored as a hash only. */
  readonly name: string;
  /** Of the client. */
  readonly address: string;
}

export interface AttemptDecision {
  readonly isAllowed: boolean;
  /** Refused: how long to wait. 0 when allowed. */
  readonly retryAfterMs: number;
  /** Allowed: how long to wait before the password is looked at. */
  readonly delayMs: number;
}

interface Subject {
  readonly scope: Scope;
  readonly key: string;
}

interface AttemptRow {
  subject: string;
  failures: number;
  wait_ms: number;
}

function toSubjects(attempt: LoginAttempt): Subject[] {
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const subjects: Subject[] = [
    { scope: 'account', key: `account:${hash(attempt.name)}` },
    { scope: 'address', key: `address:${attempt.address}` },
    { scope: 'pair', key: `pair:${hash(`${attempt.name}\n${attempt.address}`)}` },
  ];
  return subjects;
}

function blockSeconds(rule: BackOffRule, failures: number): number {
  const beyond = failures - rule.freeFailures;
  if (beyond <= 0) return 0;
  return Math.min(rule.longestBlockSeconds, rule.firstBlockSeconds * 2 ** Math.min(beyond - 1, 20));
}

/**
 * Decides whether a password may be looked at, and counts the attempt as a failure beforehand: of a thousand attempts sent at once
 * no more are looked at than of a thousand sent one after the other. A refused attempt is not counted. To be followed by
 * forgiveAttempt() when the password was right.
 */
export async function beginAttempt(database: Database, attempt: LoginAttempt): Promise<AttemptDecision> {
  const subjects = toSubjects(attempt);
  const keys = subjects.map((subject) => subject.key);
  return database.transaction(async (client) => {
    await client.query(
      `delete from ai_login_attempt where subject in (
         select subject from ai_login_attempt where updated_at < clock_timestamp() - make_interval(hours => $1) for update skip locked)`,
      [FORGOTTEN_AFTER_HOURS],
    );
    await client.query(
      'insert into ai_login_attempt (subject) select key from unnest($1::text[]) as given (key) order by key on conflict (subject) do nothing',
      [keys],
    );
    const { rows } = await client.query<AttemptRow>(
      `select subject, failures, greatest(0, coalesce(extract(epoch from blocked_until - clock_timestamp()) * 1000, 0))::float8 as wait_ms
       from ai_login_attempt where subject = any($1::text[]) order by subject for update`,
      [keys],
    );
    const found = new Map(rows.map((row) => [row.subject, row]));
    const waitMs = Math.max(0, ...rows.map((row) => row.wait_ms));
    if (waitMs > 0) return { isAllowed: false, retryAfterMs: Math.ceil(waitMs), delayMs: 0 };

    let delayMs = 0;
    for (const { scope, key } of subjects) {
      const rule = BACK_OFF[scope];
      const failures = (found.get(key)?.failures ?? 0) + 1;
      if (failures > rule.freeFailures) delayMs = Math.max(delayMs, rule.delayMs);
      const seconds = blockSeconds(rule, failures);
      await client.query(
        `update ai_login_attempt set failures = $2, updated_at = clock_timestamp(),
         blocked_until = case when $3::integer > 0 then clock_timestamp() + make_interval(secs => $3) end where subject = $1`,
        [key, failures, seconds],
      );
    }
    return { isAllowed: true, retryAfterMs: 0, delayMs };
  });
}

/** Takes back what beginAttempt() counted, because the password was right. Failures from elsewhere stay counted. */
export async function forgiveAttempt(database: Database, attempt: LoginAttempt): Promise<void> {
  const [account, address, pair] = toSubjects(attempt).map((subject) => subject.key);
  await database.query(
    {
      name: 'login_attempt_forgive',
      text: `with own as (delete from ai_login_attempt where subject = $1)
        update ai_login_attempt set failures = greatest(0, failures - 1), blocked_until = null where subject in ($2, $3)`,
    },
    [pair, account, address],
  );
}
