/** What works with the ORM. It takes 30 MB, which a worker can do without: it is loaded when one of these is called. */
import type { MigrateOptions, MigrateResult } from './migrate.ts';
import type { SetUpConfiguration, SetUpProvidersOptions } from './setup-providers.ts';

/** See migrate.ts. */
export async function migrate(options: MigrateOptions): Promise<MigrateResult> {
  return (await import('./migrate.ts')).migrate(options);
}

/** See setup-providers.ts. */
export async function setUpProviders(options: SetUpProvidersOptions): Promise<SetUpConfiguration[]> {
  return (await import('./setup-providers.ts')).setUpProviders(options);
}
