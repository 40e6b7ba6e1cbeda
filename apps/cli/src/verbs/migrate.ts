import { AiCoreError } from '@ai-core/core';
import { migrateQueue } from '@ai-core/queue';
import { ensureFirstAdmin, migrate, openDatabase } from '@ai-core/store';
import type { Verb } from '../verb.ts';

/** In production the database is migrated before the first process of a release starts; `up` does the same by itself. */
export const migrateDatabase: Verb = {
  declare: (program, run) =>
    program
      .command('migrate')
      .description('bring the database of DATABASE_URL up to date; make the first console user when there is none')
      .option('--json', 'print one JSON document')
      .action(
        run(async ({ output, environment }) => {
          const databaseUrl = environment.DATABASE_URL;
          if (databaseUrl === undefined)
            throw new AiCoreError('REQUEST_INVALID', 'DATABASE_URL is not set; it names the database to migrate');
          const { applied } = await migrate({ databaseUrl, also: migrateQueue });
          const database = openDatabase({ url: databaseUrl, maxConnections: 1, applicationName: 'ai-core migrate' });
          try {
            const admin = await ensureFirstAdmin(database);
            output.result({ applied, first_admin: admin === null ? null : { name: admin.name, password: admin.password } }, [
              applied.length === 0 ? 'the database is up to date' : `applied ${applied.join(', ')}`,
              ...(admin === null ? [] : [`console: log in as ${admin.name} with the one-time password ${admin.password}`]),
            ]);
          } finally {
            await database.close();
          }
        }),
      ),
};
