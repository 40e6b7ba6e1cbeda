import { hash, randomBytes } from 'node:crypto';
import { AiCoreError } from '@ai-core/core';
import { recordChange } from './audit-log.ts';
import type { Database, Statement } from './database.ts';

/** app: what a backend does. admin: also what concerns every backend, such as the export of training data. */
export const API_KEY_ROLES = ['app', 'admin'] as const;
export type ApiKeyRole = (typeof API_KEY_ROLES)[number];

/** A backend's credential as it is kept: the key itself exists nowhere. */
export interface ApiKey {
  readonly id: string;
  /** The caller in the accounts. */
  readonly name: string;
  /** The last characters of the key. */
  readonly hint: string;
  readonly role: ApiKeyRole;
  /** Scopes a request may name, `*` at the end for any ending; null = every scope. */
  readonly scopes: readonly string[] | null;
  /** Of all gateways together; null = no limit. */
  readonly requestsPerMinute: number | null;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface NewApiKey {
  readonly name: string;
  readonly role: ApiKeyRole;
  readonly scopes: readonly string[] | null;
  readonly requestsPerMinute: number | null;
  /** Who makes it, for the audit log. */
  readonly actor: string;
}

interface Row {
  id: string;
  name: string;
  hint: string;
  role: ApiKeyRole;
  scopes: string[] | null;
  requests_per_minute: number | null;
  created_at: Date;
  last_used_at: Date | null;
  revoked_at: Date | null;
}

const COLUMNS = 'id, name, hint, role, scopes, requests_per_minute, created_at, last_used_at, revoked_at';
const INSERT: Statement = {
  name: 'api_key_insert',
  text: `insert into ai_api_key (name, sha256, hint, role, scopes, requests_per_minute) values ($1, $2, $3, $4, $5, $6)
    on conflict (name) do nothing returning ${COLUMNS}`,
};
const FIND: Statement = { name: 'api_key_find', text: `select ${COLUMNS} from ai_api_key where sha256 = $1 and revoked_at is null` };
const LIST: Statement = { name: 'api_key_list', text: `select ${COLUMNS} from ai_api_key order by created_at, name` };
const REVOKE: Statement = {
  name: 'api_key_revoke',
  text: `update ai_api_key set revoked_at = clock_timestamp(), updated_at = clock_timestamp()
    where name = $1 and revoked_at is null returning ${COLUMNS}`,
};
const NOTE_USE: Statement = {
  name: 'api_key_note_use',
  text: `update ai_api_key k set last_used_at = clock_timestamp()
    from (select id from ai_api_key where id = any ($1::uuid[]) order by id for no key update) used where k.id = used.id`,
};
const TAKE: Statement = { name: 'api_key_take', text: 'select * from ai_take_requests($1, $2, $3)' };

/** The name is a caller in accounts, metrics and logs. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;
const SCOPE = /^[^*\s]{0,200}\*?$/;
const HINT_CHARACTERS = 4;

function toKey(row: Row): ApiKey {
  return {
    id: row.id,
    name: row.name,
    hint: row.hint,
    role: row.role,
    scopes: row.scopes,
    requestsPerMinute: row.requests_per_minute,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}

/** SHA-256 of a key in hex: how it is kept and found. A key has 256 random bits, so a slow hash would protect nothing more. */
export function hashApiKey(key: string): string {
  return hash('sha256', key);
}

/**
 * Makes a key. It is returned once and kept only as its hash.
 * @throws REQUEST_INVALID for a name or scope that is none, or a name that has been given before
 */
export async function createApiKey(database: Database, fresh: NewApiKey): Promise<{ readonly key: string; readonly record: ApiKey }> {
  if (!NAME.test(fresh.name))
    throw new AiCoreError(
      'REQUEST_INVALID',
      'the name of a key has 1 to 63 letters, digits, "_", "-" or "." and begins with a letter or digit',
    );
  const wrongScope = fresh.scopes?.find((scope) => scope === '' || !SCOPE.test(scope));
  if (wrongScope !== undefined)
    throw new AiCoreError('REQUEST_INVALID', 'a scope has 1 to 200 characters without spaces; * stands only at its end');
  const key = `aic_${randomBytes(32).toString('base64url')}`;
  const [row] = await database.query<Row>(INSERT, [
    fresh.name,
    hashApiKey(key),
    key.slice(-HINT_CHARACTERS),
    fresh.role,
    fresh.scopes,
    fresh.requestsPerMinute,
  ]);
  if (row === undefined)
    throw new AiCoreError('REQUEST_INVALID', `there is or was a key named ${fresh.name}; names stay in the accounts, so take another one`);
  const { name, role, scopes, requestsPerMinute } = toKey(row);
  await recordChange(database, {
    actor: fresh.actor,
    action: 'api_key.created',
    subject: name,
    after: { role, scopes, requestsPerMinute },
  });
  return { key, record: toKey(row) };
}

/**
 * The key of a one-machine AI Core: made when there has never been any, with the role admin, so that everything can be tried.
 * @returns the key, or null when there are keys already
 */
export async function ensureFirstApiKey(database: Database): Promise<string | null> {
  if ((await listApiKeys(database)).length > 0) return null;
  const fresh = { name: 'first', role: 'admin', scopes: null, requestsPerMinute: null, actor: 'ai-core up' } as const;
  return (await createApiKey(database, fresh)).key;
}

/** @returns the living key with this hash, or null */
export async function findApiKey(database: Database, sha256: string): Promise<ApiKey | null> {
  const [row] = await database.query<Row>(FIND, [sha256]);
  return row === undefined ? null : toKey(row);
}

/** Every key there is or was, oldest first. */
export async function listApiKeys(database: Database): Promise<ApiKey[]> {
  return (await database.query<Row>(LIST)).map(toKey);
}

/**
 * Ends a key. Publish CHANGES_TOPIC afterwards: gateways that do not hear of it notice within 5 seconds.
 * @returns false when no living key has this name
 */
export async function revokeApiKey(database: Database, name: string, actor: string): Promise<boolean> {
  const [row] = await database.query<Row>(REVOKE, [name]);
  if (row === undefined) return false;
  await recordChange(database, { actor, action: 'api_key.revoked', subject: name });
  return true;
}

/** Writes down that these keys have been used just now. */
export async function noteKeyUse(database: Database, keyIds: readonly string[]): Promise<void> {
  await database.query(NOTE_USE, [keyIds]);
}

/** Requests one gateway may serve until the minute is over. */
export interface RequestAllowance {
  readonly granted: number;
  readonly endsInMs: number;
}

/** Takes up to `wanted` requests of the current minute of a key; all gateways together get no more than its limit. */
export async function takeRequests(
  database: Database,
  keyId: string,
  { wanted, limit }: { readonly wanted: number; readonly limit: number },
): Promise<RequestAllowance> {
  const [row] = await database.query<{ out_granted: number; out_ends_in_ms: number }>(TAKE, [keyId, wanted, limit]);
  return { granted: row?.out_granted ?? 0, endsInMs: row?.out_ends_in_ms ?? 1_000 };
}
