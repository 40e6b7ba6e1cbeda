import path from 'node:path';
import { startPostgres } from '@ai-core/embedded';
import { migrateQueue } from '@ai-core/queue';
import { migrate } from '@ai-core/store';

/** Database that is migrated once; each test file copies it. */
export const TEMPLATE_DATABASE = 'ai_core_template';

/**
 * A Postgres server for a test run, with a migrated database to copy.
 * @param folder where its files go
 * @returns `url` of the server's maintenance database
 */
export async function startTestPostgres(folder: string): Promise<{ url: string; stop(): Promise<void> }> {
  const postgres = await startPostgres({ dir: path.join(folder, 'postgres'), database: TEMPLATE_DATABASE, fast: true });
  await migrate({ databaseUrl: postgres.url, also: migrateQueue });
  const maintenance = new URL(postgres.url);
  maintenance.pathname = '/postgres';
  return { url: maintenance.href, stop: postgres.stop };
}
