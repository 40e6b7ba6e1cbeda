import type { ProviderName } from '@ai-core/core';
import type { Database, Statement } from './database.ts';

const SET: Statement = {
  name: 'set_most_at_once',
  text: `insert into ai_provider_health (provider, most_at_once) values ($1, $2)
    on conflict (provider) do update set most_at_once = excluded.most_at_once, updated_at = clock_timestamp()
    where ai_provider_health.most_at_once is distinct from excluded.most_at_once`,
};

/** How many calls at once a provider allows our account, as it says itself; claims of the whole fleet keep to it. */
export async function setMostAtOnce(database: Database, provider: ProviderName, mostAtOnce: number): Promise<void> {
  await database.query(SET, [provider, mostAtOnce]);
}
