import type { Database } from './database.ts';

/** Queues in which dispatched, due work has been waiting for longer than `olderMs`, out of those given. */
export async function listWaitingQueues(database: Database, queues: readonly string[], olderMs: number): Promise<string[]> {
  const rows = await database.query<{ queue: string }>(
    {
      name: 'waiting_queues',
      text: `select q.queue from unnest($1::text[]) as q (queue)
        where exists (
          select from ai_job j
          where j.queue = q.queue and j.state = 'queued' and j.dispatched_at < clock_timestamp() - make_interval(secs => $2)
            and j.run_after < clock_timestamp() - make_interval(secs => $2))`,
    },
    [queues, olderMs / 1000],
  );
  return rows.map((row) => row.queue);
}
