import type { KeyObject } from 'node:crypto';
import { AiCoreError, formatMoney, webhookSecret } from '@ai-core/core';
import type { AiCore } from '@ai-core/producer';
import type { Logger } from '@ai-core/runtime';
import {
  finishWebhook,
  postponeWebhook,
  retryWebhook,
  takeDueWebhooks,
  type BudgetAlert,
  type Database,
  type DueWebhook,
} from '@ai-core/store';
import { problemOf } from './answer-error.ts';
import { postWebhook } from './post-webhook.ts';
import type { AlertTarget, WebhookPolicy } from './webhook-target.ts';
import { toAudioAnswer, toTextAnswer } from './wire-answer.ts';

export interface WebhookSenderOptions {
  readonly database: Database;
  readonly aiCore: AiCore;
  readonly sealKey: KeyObject;
  readonly policy: WebhookPolicy;
  /** undefined = alerts are left to gateways that know where they go. */
  readonly alerts?: AlertTarget | undefined;
  readonly log: Logger;
}

export interface WebhookSender {
  /** Waits for what is being sent. */
  close(): Promise<void>;
}

const LOOK_EVERY_MS = 1_000;
/** Webhooks under way at once, those to one receiver, and how many are taken with one look. */
const AT_ONCE = 100;
const AT_ONCE_TO_RECEIVER = 20;
const TAKEN_AT_ONCE = 10;
/** How soon to try again when it is us who could not make the message. */
const OWN_TROUBLE_SECONDS = 1;
/** How long to wait after each failed try, in seconds; after the last one the webhook has failed. About nine hours in all. */
const WAIT_SECONDS = [5, 30, 120, 600, 1_800, 7_200, 21_600] as const;
/** The receiver says that it will never want it. */
const GONE = 410;

/** The ledger is away, or did not answer in time. Unlike the failure of a job, such an error says when to come again. */
function isOwnTrouble({ code, retryAfterMs }: AiCoreError): boolean {
  return (code === 'STORE_UNAVAILABLE' || code === 'RESULT_NOT_READY') && retryAfterMs !== undefined;
}

async function describe({ aiCore }: WebhookSenderOptions, webhook: DueWebhook): Promise<object> {
  const { requestId, caller, jobId, memoryId, sealedValues } = webhook;
  const ai = aiCore.forCaller(caller);
  if (jobId !== null) {
    const found = await ai.findRequest(jobId, requestId);
    return (await found.look()).kind === 'text'
      ? toTextAnswer(await found.result(), requestId)
      : toAudioAnswer(await found.link(), requestId);
  }
  const recalled = await ai.recallAnswer({ memoryId: memoryId ?? '', requestId, sealed: sealedValues });
  return recalled.kind === 'text' ? toTextAnswer(recalled.answer, requestId) : toAudioAnswer(recalled.answer, requestId);
}

/**
 * What a receiver is told: the answer as the request itself would have got it, or the problem.
 * @returns undefined when it cannot be said just now, through no fault of the receiver
 */
async function toMessage(options: WebhookSenderOptions, webhook: DueWebhook): Promise<string | undefined> {
  try {
    return JSON.stringify({ type: 'request.answered', data: await describe(options, webhook) });
  } catch (error) {
    const failure = AiCoreError.from(error);
    if (isOwnTrouble(failure)) return undefined;
    // Nothing the receiver could use: something is wrong with this gateway or its settings.
    if (failure.jobId === undefined && (failure.code === 'STORE_UNAVAILABLE' || failure.code === 'INTERNAL')) throw error;
    return JSON.stringify({ type: 'request.failed', data: problemOf(failure, webhook.requestId) });
  }
}

function toAlert({ limit_nano_usd: limit, spent_nano_usd: spent, ...alert }: BudgetAlert): string {
  const data = { ...alert, limit_usd: formatMoney(BigInt(limit)), spent_usd: formatMoney(BigInt(spent)) };
  return JSON.stringify({ type: 'budget.threshold', data });
}

/** Where a webhook goes, what signs it and what it says; see toMessage(). */
async function address(
  options: WebhookSenderOptions,
  webhook: DueWebhook,
): Promise<{ readonly url: string; readonly secret: string; readonly body: string | undefined }> {
  const { alerts, sealKey } = options;
  if (webhook.alert !== null && alerts !== undefined) return { ...alerts, body: toAlert(webhook.alert) };
  return { url: webhook.url, secret: webhookSecret(sealKey, webhook.caller), body: await toMessage(options, webhook) };
}

async function deliver(options: WebhookSenderOptions, webhook: DueWebhook): Promise<void> {
  const { database, policy, log } = options;
  const { requestId, caller, attempts } = webhook;
  let status: number | null = null;
  let error: string | null = null;
  try {
    const { url, secret, body } = await address(options, webhook);
    if (body === undefined) {
      await postponeWebhook(database, requestId, OWN_TROUBLE_SECONDS);
      return;
    }
    status = await postWebhook({ id: requestId, url, body, secret }, policy);
    if (status < 200 || status > 299) error = `the receiver answered ${status}`;
  } catch (cause) {
    error = cause instanceof Error ? `${cause.name}: ${cause.message}`.slice(0, 300) : 'the receiver could not be reached';
  }
  const afterSeconds = status === GONE ? undefined : WAIT_SECONDS[attempts - 1];
  if (error === null) await finishWebhook(database, requestId, { state: 'delivered', status, error });
  else if (afterSeconds === undefined) {
    log.warn({ request_id: requestId, caller, status, attempts }, 'a webhook could not be delivered and is given up');
    await finishWebhook(database, requestId, { state: 'failed', status, error });
  } else await retryWebhook(database, requestId, { afterSeconds, status, error });
}

/**
 * Sends the webhooks that are due, beside any other gateway that does. A receiver that is slow or away has a bounded number of them
 * under way, and nobody else waits for it.
 */
export function startWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { database, log } = options;
  const underWay = new Map<string, { readonly receiver: string; readonly sent: Promise<void> }>();
  let sending: Promise<void> | undefined;
  let closed = false;

  function send(webhook: DueWebhook): void {
    const sent = deliver(options, webhook)
      .catch((error: unknown) => log.debug({ err: error }, 'how a webhook went could not be written down; it is sent again in a minute'))
      .finally(() => underWay.delete(webhook.requestId));
    const url = webhook.alert === null ? webhook.url : (options.alerts?.url ?? '');
    underWay.set(webhook.requestId, { receiver: URL.parse(url)?.hostname ?? '', sent });
  }

  function crowdedReceivers(): string[] {
    const counts = Map.groupBy(underWay.values(), ({ receiver }) => receiver);
    return [...counts].filter(([, entries]) => entries.length >= AT_ONCE_TO_RECEIVER).map(([receiver]) => receiver);
  }

  async function sendDue(): Promise<void> {
    try {
      while (!closed) {
        const limit = Math.min(TAKEN_AT_ONCE, AT_ONCE - underWay.size);
        if (limit === 0) await Promise.race([...underWay.values()].map(({ sent }) => sent));
        else {
          const due = await takeDueWebhooks(database, { limit, notTo: crowdedReceivers(), alerts: options.alerts !== undefined });
          for (const webhook of due) send(webhook);
          if (due.length < limit) return;
        }
      }
    } catch (error) {
      log.debug({ err: error }, 'webhooks could not be looked at; the next look is in a second');
    }
  }

  const timer = setInterval(() => {
    sending ??= sendDue().finally(() => (sending = undefined));
  }, LOOK_EVERY_MS);
  timer.unref();
  return {
    async close() {
      closed = true;
      clearInterval(timer);
      await sending;
      await Promise.all([...underWay.values()].map(({ sent }) => sent));
    },
  };
}
