import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { createOrm } from './orm.ts';
import { toStoreError } from './store-error.ts';

const FUNCTIONS_FOLDER = new URL('./functions/', import.meta.url);
/** One key for every migrator: two processes that start together must not both migrate (the ORM's migrator has no lock). */
const LOCK = `hashtext('ai_core.migrate')`;

export interface MigrateOptions {
  readonly databaseUrl: string;
  /** Further migrations of the same database to run under the same lock, such as the queue's. */
  readonly also?: ((client: pg.Client) => Promise<void>) | undefined;
}

export interface MigrateResult {
  /** Names of the migrations applied now. */
  readonly applied: string[];
}

function readFunctions(): { sql: string; sha256: string } {
  const files = readdirSync(FUNCTIONS_FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .sort();
  const sql = files.map((name) => readFileSync(new URL(name, FUNCTIONS_FOLDER), 'utf8')).join('\n');
  return { sql, sha256: createHash('sha256').update(sql).digest('hex') };
}

/**
 * Brings a database up to date: schema migrations, then the SQL functions whenever their text has changed, then partitions.
 * Any number of processes may call it at once; each returns when the work is done.
 * @throws STORE_UNAVAILABLE when Postgres cannot be reached
 */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  const client = new pg.Client({
    connectionString: options.databaseUrl,
    application_name: 'ai-core migrate',
    connectionTimeoutMillis: 5_000,
  });
  try {
    await client.connect();
    await client.query(`select pg_advisory_lock(${LOCK})`);
    const orm = createOrm({ databaseUrl: options.databaseUrl });
    let applied: string[];
    try {
      applied = (await orm.migrator.up()).map((migration) => migration.name);
    } finally {
      await orm.close(true);
    }
    await applyFunctions(client);
    await options.also?.(client);
    await client.query('select ai_make_partitions(3)');
    return { applied };
  } catch (error) {
    throw toStoreError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function applyFunctions(client: pg.Client): Promise<void> {
  const { sql, sha256 } = readFunctions();
  await client.query(
    'create table if not exists ai_function_version (id boolean primary key default true check (id), sha256 text not null)',
  );
  const { rows } = await client.query<{ sha256: string }>('select sha256 from ai_function_version');
  if (rows[0]?.sha256 === sha256) return;
  await client.query('begin');
  // Replacing cannot change what a function returns, and a changed parameter list would leave the old one beside the new.
  const { rows: old } = await client.query<{ signature: string }>(
    `select p.oid::regprocedure::text as signature from pg_proc p join pg_namespace n on n.oid = p.pronamespace
     where n.nspname = current_schema() and p.proname like 'ai\\_%'`,
  );
  for (const { signature } of old) await client.query(`drop function ${signature}`);
  await client.query(sql);
  await client.query('insert into ai_function_version (sha256) values ($1) on conflict (id) do update set sha256 = excluded.sha256', [
    sha256,
  ]);
  await client.query('commit');
}
