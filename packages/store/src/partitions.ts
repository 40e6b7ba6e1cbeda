import type { Database, Statement } from './database.ts';

const MAKE: Statement = { name: 'make_partitions', text: 'select ai_make_partitions($1) as name' };

/** Makes the usage log's partitions from last month to `monthsAhead` months from now. @returns the names of those that were missing */
export async function makePartitions(database: Database, monthsAhead: number): Promise<string[]> {
  const rows = await database.query<{ name: string }>(MAKE, [monthsAhead]);
  return rows.map((row) => row.name);
}
