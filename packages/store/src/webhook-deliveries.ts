import type { BudgetPeriod, BudgetScope } from './budgets.ts';
import type { Database, Statement } from './database.ts';

/** A webhook that is promised: it is sent when the request's job is finished, or at once when memory had the answer. */
export interface PromisedWebhook {
  readonly requestId: string;
  readonly caller: string;
  readonly jobId: string | null;
  readonly memoryId: string | null;
  readonly url: string;
  /** Personal data of an answer from memory, sealed; a job's callers have their own. */
  readonly sealedValues: Uint8Array | null;
}

/** A budget that has reached a threshold, as it was then. */
export interface BudgetAlert {
  readonly scope: BudgetScope;
  readonly subject: string;
  readonly period: BudgetPeriod;
  readonly simulated: boolean;
  /** The threshold. */
  readonly percent: number;
  readonly limit_nano_usd: string;
  readonly spent_nano_usd: string;
  readonly period_start: string;
  readonly period_end: string;
  readonly at: string;
}

/** A webhook that is to be sent now. */
export interface DueWebhook extends PromisedWebhook {
  /** null = the answer of a request. Otherwise it goes to the operator, and neither caller nor url are set. */
  readonly alert: BudgetAlert | null;
  /** This one included. */
  readonly attempts: number;
}

interface Row {
  id: string;
  caller: string;
  job_id: string | null;
  memory_id: string | null;
  url: string;
  sealed_values: Buffer | null;
  alert: BudgetAlert | null;
  attempts: number;
}

const PROMISE: Statement = {
  name: 'webhook_promise',
  text: `insert into ai_webhook_delivery (id, caller, job_id, memory_id, url, sealed_values) values ($1, $2, $3, $4, $5, $6)
    on conflict (id) do nothing`,
};
/** Taken for a minute: a gateway that dies meanwhile leaves it to the others. */
const TAKE_DUE: Statement = {
  name: 'webhook_take_due',
  text: `update ai_webhook_delivery d set attempts = d.attempts + 1, next_attempt_at = clock_timestamp() + interval '1 minute',
      updated_at = clock_timestamp()
    from (
      select w.id from ai_webhook_delivery w
      where w.state = 'pending' and w.next_attempt_at <= clock_timestamp()
        and not exists (select from ai_job j where j.id = w.job_id and j.finished_at is null)
        -- What was spent days ago alerts nobody: there was no address then.
        and (w.alert is null or ($3 and w.created_at > clock_timestamp() - interval '1 day'))
        and coalesce(lower(substring(w.url from '^[A-Za-z]+://([^/?#:]+)')), '') <> all ($2::text[])
      order by w.next_attempt_at limit $1 for no key update skip locked) due
    where d.id = due.id
    returning d.id, d.caller, d.job_id, d.memory_id, d.url, d.sealed_values, d.alert, d.attempts`,
};
const FINISH: Statement = {
  name: 'webhook_finish',
  text: `update ai_webhook_delivery set state = $2, status = $3, error_message = $4, sealed_values = null,
      finished_at = clock_timestamp(), updated_at = clock_timestamp() where id = $1`,
};
const RETRY: Statement = {
  name: 'webhook_retry',
  text: `update ai_webhook_delivery set status = $3, error_message = $4, next_attempt_at = clock_timestamp() + make_interval(secs => $2),
      updated_at = clock_timestamp() where id = $1`,
};
/** As if it had not been taken; the caller says how soon it is due again. */
const POSTPONE: Statement = {
  name: 'webhook_postpone',
  text: `update ai_webhook_delivery set attempts = attempts - 1, next_attempt_at = clock_timestamp() + make_interval(secs => $2),
      updated_at = clock_timestamp() where id = $1 and attempts > 0`,
};

/** Writes a webhook down; the same request's a second time changes nothing. */
export async function promiseWebhook(database: Database, webhook: PromisedWebhook): Promise<void> {
  await database.query(PROMISE, [
    webhook.requestId,
    webhook.caller,
    webhook.jobId,
    webhook.memoryId,
    webhook.url,
    webhook.sealedValues === null ? null : Buffer.from(webhook.sealedValues),
  ]);
}

export interface TakeWebhooks {
  readonly limit: number;
  /** Host names in small letters whose webhooks are left where they are. */
  readonly notTo: readonly string[];
  /** Also alerts, which go to the operator. */
  readonly alerts: boolean;
}

/** Takes webhooks whose time has come; no other gateway gets them for a minute. */
export async function takeDueWebhooks(database: Database, { limit, notTo, alerts }: TakeWebhooks): Promise<DueWebhook[]> {
  const rows = await database.query<Row>(TAKE_DUE, [limit, notTo, alerts]);
  return rows.map((row) => ({
    requestId: row.id,
    caller: row.caller,
    jobId: row.job_id,
    memoryId: row.memory_id,
    url: row.url,
    sealedValues: row.sealed_values,
    alert: row.alert,
    attempts: row.attempts,
  }));
}

/** How a delivery went. */
export interface WebhookOutcome {
  /** HTTP status of the receiver; null = none came. */
  readonly status: number | null;
  /** What went wrong; null = nothing. */
  readonly error: string | null;
}

export async function finishWebhook(
  database: Database,
  requestId: string,
  outcome: WebhookOutcome & { readonly state: 'delivered' | 'failed' },
): Promise<void> {
  await database.query(FINISH, [requestId, outcome.state, outcome.status, outcome.error]);
}

export async function retryWebhook(
  database: Database,
  requestId: string,
  outcome: WebhookOutcome & { readonly afterSeconds: number },
): Promise<void> {
  await database.query(RETRY, [requestId, outcome.afterSeconds, outcome.status, outcome.error]);
}

/** Gives back a webhook that could not be tried, through no fault of its receiver: the try does not count. */
export async function postponeWebhook(database: Database, requestId: string, afterSeconds: number): Promise<void> {
  await database.query(POSTPONE, [requestId, afterSeconds]);
}
