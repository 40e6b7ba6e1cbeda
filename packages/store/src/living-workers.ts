import type { Database } from './database.ts';

/** One worker process whose lease has not ended. */
export interface LivingWorker {
  readonly id: string;
  readonly host: string;
  readonly processId: number;
  /** Queues it serves. */
  readonly roles: readonly string[];
  readonly startedAt: Date;
}

/** Worker processes that are alive by the database's clock, the oldest first. */
export async function listLivingWorkers(database: Database): Promise<LivingWorker[]> {
  const rows = await database.query<{ id: string; host: string; pid: number; roles: string[]; created_at: Date }>({
    name: 'worker_living',
    text: `select id, host, pid, roles, created_at from ai_worker
      where dead_at is null and lease_until > clock_timestamp() order by created_at, id limit 200`,
  });
  return rows.map((row) => ({ id: row.id, host: row.host, processId: row.pid, roles: row.roles, startedAt: row.created_at }));
}
