import type { Database, Statement } from './database.ts';

const COUNT: Statement = { name: 'count_backlog', text: 'select ai_count_backlog()' };

/** Counts the jobs that wait, per queue and caller, for the doors that refuse work when it is too much. */
export async function countBacklog(database: Database): Promise<void> {
  await database.query(COUNT);
}
