import { AiCoreError, checkContext, toContextName } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

/** One version of a named context, without its text. */
export interface ContextVersion {
  readonly name: string;
  /** From 1; the greatest is what prompts get that name the context. */
  readonly version: number;
  /** Of the text; 64 lower-case hex digits. */
  readonly sha256: string;
  /** Length of the text in UTF-8. */
  readonly bytes: number;
  readonly createdBy: string;
  readonly createdAt: Date;
}

export interface ContextText extends ContextVersion {
  readonly text: string;
}

interface Row {
  name: string;
  version: number;
  sha256: string;
  bytes: number;
  created_by: string;
  created_at: Date;
  text?: string;
}

const FACTS = 'c.name, c.version, c.sha256, c.bytes, c.created_by, c.created_at';
const CURRENT = 'c.version = (select max(newer.version) from ai_context newer where newer.name = c.name)';

/** Nothing is inserted when the current version has the same text, or when somebody else has just taken the number. */
const PUT: Statement = {
  name: 'context_put',
  text: `insert into ai_context as c (name, version, text, sha256, bytes, created_by)
    select $1, coalesce((select max(version) from ai_context where name = $1), 0) + 1, $2, $3, $4, $5
    where not exists (select from ai_context c where c.name = $1 and ${CURRENT} and c.sha256 = $3)
    on conflict (name, version) do nothing
    returning ${FACTS}`,
};
const GET: Statement = {
  name: 'context_get',
  text: `select ${FACTS}, c.text from ai_context c where c.name = $1 and (c.version = $2 or ($2::int is null and ${CURRENT}))`,
};
const LIST: Statement = { name: 'context_list', text: `select ${FACTS} from ai_context c where ${CURRENT} order by c.name` };
const FIND: Statement = { name: 'context_find', text: `select ${FACTS} from ai_context c where c.name = any($1) and ${CURRENT}` };
const READ: Statement = {
  name: 'context_read',
  text: `select distinct on (w.n) ${FACTS}, c.text from unnest($1::text[], $2::text[]) with ordinality as w (name, sha256, n)
    join ai_context c on c.name = w.name and c.sha256 = w.sha256 order by w.n, c.version desc`,
};

function toVersion(row: Row): ContextVersion {
  return {
    name: row.name,
    version: row.version,
    sha256: row.sha256,
    bytes: row.bytes,
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}

function toText(row: Row): ContextText {
  return { ...toVersion(row), text: row.text ?? '' };
}

function unknown(names: readonly string[]): AiCoreError {
  const [subject, it] = names.length === 1 ? ['is no context', 'it'] : ['are no contexts', 'them'];
  return new AiCoreError(
    'REQUEST_INVALID',
    `there ${subject} named ${names.join(', ')}; put ${it} with \`ai-core contexts put\` or PUT /v1/contexts/{name} first`,
  );
}

/**
 * Stores a text under a name, as a new version unless the current one is the same. Requests that named the context before keep
 * their answers; requests from now on are new questions.
 * @param context who puts it is for the list only
 * @returns the current version, and whether it is new
 * @throws AiCoreError REQUEST_INVALID as checkContext() does
 */
export async function putContext(
  database: Database,
  context: { readonly name: string; readonly text: string; readonly createdBy: string },
): Promise<ContextVersion & { readonly created: boolean }> {
  const { name, text, sha256 } = checkContext(context);
  for (;;) {
    const [row] = await database.query<Row>(PUT, [name, text, sha256, Buffer.byteLength(text), context.createdBy]);
    if (row !== undefined) return { ...toVersion(row), created: true };
    const current = await getContext(database, name);
    if (current?.sha256 !== sha256) continue;
    const { text: _, ...version } = current;
    return { ...version, created: false };
  }
}

/**
 * @param version null or absent = the current one
 * @returns null when there is none
 * @throws AiCoreError REQUEST_INVALID for what is no name
 */
export async function getContext(database: Database, name: string, version: number | null = null): Promise<ContextText | null> {
  const [row] = await database.query<Row>(GET, [toContextName(name), version]);
  return row === undefined ? null : toText(row);
}

/** The current version of every context, by name. */
export async function listContexts(database: Database): Promise<ContextVersion[]> {
  return (await database.query<Row>(LIST)).map(toVersion);
}

/**
 * The current versions of the contexts a request names.
 * @param names as findContextNames() gives them
 * @throws AiCoreError REQUEST_INVALID that names those there are not
 */
export async function findContexts(database: Database, names: readonly string[]): Promise<ContextVersion[]> {
  const found = (await database.query<Row>(FIND, [names])).map(toVersion);
  const missing = names.filter((name) => !found.some((context) => context.name === name));
  if (missing.length > 0) throw unknown(missing);
  return found;
}

/**
 * The texts of the very versions a request was made with.
 * @returns in the order asked for
 * @throws AiCoreError REQUEST_INVALID that names those there are not
 */
export async function readContexts(
  database: Database,
  wanted: readonly { readonly name: string; readonly sha256: string }[],
): Promise<ContextText[]> {
  const rows = await database.query<Row>(READ, [wanted.map(({ name }) => name), wanted.map(({ sha256 }) => sha256)]);
  const missing = wanted.filter(({ name, sha256 }) => !rows.some((row) => row.name === name && row.sha256 === sha256));
  if (missing.length > 0) throw unknown(missing.map(({ name }) => name));
  return rows.map(toText);
}
