import type { Database, Statement } from './database.ts';

/** What became of one line of a bulk request. */
export interface BulkItem {
  /** From 1. */
  readonly line: number;
  readonly requestId: string | null;
  readonly jobId: string | null;
  readonly memoryId: string | null;
  /** Why the line was refused; null = it was accepted. */
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

export interface BulkItemState extends BulkItem {
  readonly state: 'pending' | 'done' | 'failed';
}

export interface BulkProgress {
  readonly requests: number;
  readonly pending: number;
  readonly done: number;
  readonly failed: number;
}

interface ItemRow {
  line: number;
  request_id: string | null;
  job_id: string | null;
  memory_id: string | null;
  error_code: string | null;
  error_message: string | null;
  state: BulkItemState['state'];
}

const CREATE: Statement = {
  name: 'bulk_create',
  text: 'insert into ai_bulk_group (id, caller, requests) values ($1, $2, $3) on conflict (id) do nothing',
};
const ADD: Statement = {
  name: 'bulk_add',
  text: `insert into ai_bulk_item (group_id, line, request_id, job_id, memory_id, error_code, error_message)
    select $1, x.line, x.request_id, x.job_id, x.memory_id, x.error_code, x.error_message
    from unnest($2::integer[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::text[])
      as x (line, request_id, job_id, memory_id, error_code, error_message)
    on conflict (group_id, line) do update set request_id = excluded.request_id, job_id = excluded.job_id, memory_id = excluded.memory_id,
      error_code = excluded.error_code, error_message = excluded.error_message`,
};
/** A job that is gone was kept for seven days after it was finished. */
const STATES = `select i.*, case when i.error_code is not null then 'failed' when i.job_id is null then 'done'
      when j.id is null then 'done' when j.finished_at is null then 'pending' when j.state = 'done' then 'done' else 'failed' end as state
    from ai_bulk_group g join ai_bulk_item i on i.group_id = g.id left join ai_job j on j.id = i.job_id
    where g.id = $1 and g.caller = $2`;
const PROGRESS: Statement = {
  name: 'bulk_progress',
  text: `select (select requests from ai_bulk_group where id = $1 and caller = $2) as requests,
      count(*) filter (where s.state = 'done')::integer as done, count(*) filter (where s.state = 'failed')::integer as failed
    from (${STATES}) s`,
};
const ITEMS: Statement = { name: 'bulk_items', text: `${STATES} and i.line > $3 order by i.line limit $4` };

/** Opens a group. A group of this id that is there already is left as it is. */
export async function createBulkGroup(
  database: Database,
  group: { readonly id: string; readonly caller: string; readonly requests: number },
): Promise<void> {
  await database.query(CREATE, [group.id, group.caller, group.requests]);
}

export async function addBulkItems(database: Database, groupId: string, items: readonly BulkItem[]): Promise<void> {
  await database.query(ADD, [
    groupId,
    items.map((item) => item.line),
    items.map((item) => item.requestId),
    items.map((item) => item.jobId),
    items.map((item) => item.memoryId),
    items.map((item) => item.errorCode),
    items.map((item) => item.errorMessage),
  ]);
}

/** @returns null when this caller has no such group */
export async function bulkProgress(database: Database, groupId: string, caller: string): Promise<BulkProgress | null> {
  const [row] = await database.query<{ requests: number | null; done: number; failed: number }>(PROGRESS, [groupId, caller]);
  if (row === undefined || row.requests === null) return null;
  return { requests: row.requests, pending: row.requests - row.done - row.failed, done: row.done, failed: row.failed };
}

/** Items of a group in the order of their lines. @param after the last line that is known already */
export async function listBulkItems(
  database: Database,
  group: { readonly id: string; readonly caller: string; readonly after: number; readonly limit: number },
): Promise<BulkItemState[]> {
  const rows = await database.query<ItemRow>(ITEMS, [group.id, group.caller, group.after, group.limit]);
  return rows.map((row) => ({
    line: row.line,
    requestId: row.request_id,
    jobId: row.job_id,
    memoryId: row.memory_id,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    state: row.state,
  }));
}
