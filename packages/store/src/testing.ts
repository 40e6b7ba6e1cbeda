import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { openDatabase, type Database } from './database.ts';

export interface TestDatabase {
  readonly url: string;
  readonly database: Database;
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** URL of the server's maintenance database. */
  readonly serverUrl: string;
  /** A migrated database to copy. */
  readonly template: string;
  readonly maxConnections?: number;
}

/** A migrated database of its own for one test file: a copy of the template, which takes some 50 ms. */
export async function createTestDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await runOnServer(options.serverUrl, `create database "${name}" template "${options.template}"`);
  const url = new URL(options.serverUrl);
  url.pathname = `/${name}`;
  const database = openDatabase({ url: url.href, maxConnections: options.maxConnections ?? 10 });
  return {
    url: url.href,
    database,
    async drop() {
      await database.close();
      await runOnServer(options.serverUrl, `drop database if exists "${name}" with (force)`);
    },
  };
}

async function runOnServer(serverUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: serverUrl });
  await client.connect();
  try {
    // Copies of one template wait for each other; Postgres refuses instead of queueing.
    await client.query(`select pg_advisory_lock(hashtext('ai_core.create_test_database'))`);
    await client.query(sql);
  } finally {
    await client.end();
  }
}
