import { AiCoreError } from '@ai-core/core';
import { listProviders, type Database, type ListedProvider } from '@ai-core/store';
import { IdParams, parseInput } from './routes/api-parts.ts';

/** @param params of a route with an `:id` @throws NOT_FOUND when there is no such configuration */
export async function findProvider(database: Database, params: unknown): Promise<ListedProvider> {
  const { id } = parseInput(IdParams, params);
  const found = (await listProviders(database)).find((row) => row.id === id);
  if (found === undefined) throw new AiCoreError('NOT_FOUND', 'there is no such configuration');
  return found;
}
