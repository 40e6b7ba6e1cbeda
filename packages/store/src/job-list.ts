/** Jobs page by page, for lists that people leaf through. */
import type { Database, Statement } from './database.ts';
import type { JobState } from './jobs.ts';

export interface ListedJob {
  readonly id: string;
  readonly kind: string;
  readonly requestType: string;
  readonly state: JobState;
  readonly provider: string;
  readonly model: string;
  readonly caller: string;
  readonly attempts: number;
  readonly errorCode: string | null;
  readonly createdAt: string;
  readonly finishedAt: string | null;
}

export interface JobListQuestion {
  readonly simulated: boolean;
  readonly state?: JobState | undefined;
  readonly requestType?: string | undefined;
  /** Where the page before ended: its last row. */
  readonly after?: { readonly at: string; readonly id: string } | undefined;
  readonly limit?: number | undefined;
}

const LIST: Statement = {
  name: 'job_list_page',
  text: `select jsonb_build_object('id', j.id, 'kind', j.kind, 'requestType', j.request_type, 'state', j.state, 'provider', j.provider,
      'model', j.model, 'caller', j.caller, 'attempts', j.attempts, 'errorCode', j.error_code, 'createdAt', j.created_at,
      'finishedAt', j.finished_at) as row
    from ai_job j where j.simulated = $1 and ($2::text is null or j.state = $2) and ($3::text is null or j.request_type = $3)
      and ($4::timestamptz is null or (j.created_at, j.id) < ($4::timestamptz, $5::uuid))
    order by j.created_at desc, j.id desc limit $6`,
};

/** One page of jobs, newest first: never a prompt. */
export async function listJobPage(database: Database, question: JobListQuestion): Promise<ListedJob[]> {
  const { simulated, state, requestType, after, limit = 50 } = question;
  const filters = [state, requestType, after?.at, after?.id].map((value) => value ?? null);
  return (await database.query<{ row: ListedJob }>(LIST, [simulated, ...filters, limit])).map(({ row }) => row);
}
