import type { Dispatch, Json, ProviderHealth, SpeechFormat, ToolCall, Usage } from '@ai-core/core';
import { AGAIN, createBatcher } from './batcher.ts';
import type { Database, Statement } from './database.ts';
import { isUnavailable } from './store-error.ts';

/** What one paid or unpaid call came to. */
export interface AttemptResult {
  readonly jobId: string;
  readonly fence: string;
  readonly attemptId: string;
  readonly usage: Usage | null;
  /** The provider's own usage object, kept for disputes. */
  readonly rawUsage: Json;
  /** null = the price is unknown; the row is flagged as unpriced. */
  readonly costNanoUsd: bigint | null;
  /** What it had cost without the batch discount; null or absent = the same. */
  readonly realtimeNanoUsd?: bigint | null | undefined;
  /** What the same tokens had cost with the model that would else have answered; null or absent = no other would have. */
  readonly counterfactualNanoUsd?: bigint | null | undefined;
  readonly priceId: string | null;
  /** The model the provider says it used. */
  readonly billedModel: string | null;
  readonly providerRequestId: string | null;
}

export interface StoredAudio {
  /** Key of the object. */
  readonly file: string;
  readonly bytes: number;
  readonly seconds: number;
  readonly format: SpeechFormat;
  readonly sha256: string;
}

export interface SettledAnswer extends AttemptResult {
  readonly usage: Usage;
  /** Of a speech in parts: what the whole is worth. The job's own attempt then made no call, and each part has accounts of its own. */
  readonly parts?: { readonly usage: Usage; readonly costNanoUsd: bigint | null } | undefined;
  /** False: the answer serves its callers and is not kept as memory. */
  readonly remember: boolean;
  readonly promptText: string;
  readonly text: string | null;
  /** Functions the model called; such an answer is never remembered. */
  readonly toolCalls?: readonly ToolCall[] | undefined;
  readonly audio: StoredAudio | null;
  /** How long the provider took, in milliseconds. */
  readonly latencyMs: number;
  readonly ignoredOptions: readonly string[];
}

/** Why a call failed, and whether it was charged. */
export interface Charge {
  /** Whether the provider charged for the call. */
  readonly charged: 'no' | 'yes' | 'unknown';
  readonly errorCode: string;
  readonly errorMessage: string;
}

export interface FailedAttempt extends AttemptResult, Charge {
  /** What the failure says of the provider; null = nothing. */
  readonly health: ProviderHealth | null;
  readonly action: 'later' | 'elsewhere' | 'hand_back' | 'never';
  readonly delayMs: number;
  /** For how long this failure answers the same key, in seconds; null = not at all. */
  readonly answersForS: number | null;
}

/** `late`: the fence or the worker no longer matched; the call is accounted for, its answer refused. */
export interface Settlement {
  readonly outcome: 'done' | 'late';
  /** Inboxes of the callers to wake. */
  readonly replyTo: readonly string[];
  /** There are more callers than were accounted for in the transaction: call accountCallers until it is done. */
  readonly more: boolean;
}

export interface FailureSettlement {
  readonly outcome: 'queued' | 'failed' | 'late';
  readonly dispatch: Dispatch | null;
  readonly replyTo: readonly string[];
  readonly more: boolean;
  /** This failure opened the circuit of its provider: it is left out of choices until a probe works. */
  readonly circuitOpened: boolean;
}

const SETTLE: Statement = { name: 'settle', text: 'select * from ai_settle($1::jsonb, $2, $3)' };
const FAIL: Statement = { name: 'fail', text: 'select * from ai_fail($1::jsonb, $2)' };
const ACCOUNT_CALLERS: Statement = { name: 'account_callers', text: 'select ai_account_callers($1, $2) as rows' };

/** The shape the SQL functions read; also the shape a spool keeps on disk. */
export function toSettleJson(answer: SettledAnswer): Record<string, unknown> {
  return {
    ...attemptJson(answer),
    remember: answer.remember,
    prompt_text: answer.promptText,
    text: answer.text,
    ...(answer.toolCalls === undefined || answer.toolCalls.length === 0 ? {} : { tool_calls: answer.toolCalls }),
    ...(answer.audio === null ? {} : { audio: answer.audio }),
    latency_ms: Math.round(answer.latencyMs),
    ignored_options: answer.ignoredOptions,
    tokens_used: tokensOf(answer.parts?.usage ?? answer.usage),
    ...(answer.parts === undefined ? {} : { parts: { usage: answer.parts.usage, cost_nano_usd: toText(answer.parts.costNanoUsd) } }),
  };
}

function toText(nanoUsd: bigint | null): string | null {
  return nanoUsd === null ? null : String(nanoUsd);
}

/** Input and output tokens together. */
export function tokensOf({ inputTokens, outputTokens, audioOutputTokens }: Usage): number {
  return inputTokens + outputTokens + audioOutputTokens;
}

/** What every SQL function that ends an attempt reads. */
export function attemptJson(result: AttemptResult): Record<string, unknown> {
  return {
    job_id: result.jobId,
    fence: result.fence,
    attempt_id: result.attemptId,
    usage: result.usage === null ? null : { ...result.usage, raw: result.rawUsage },
    cost_nano_usd: toText(result.costNanoUsd),
    realtime_nano_usd: toText(result.realtimeNanoUsd ?? null),
    counterfactual_nano_usd: toText(result.counterfactualNanoUsd ?? null),
    price_id: result.priceId,
    billed_model: result.billedModel,
    provider_request_id: result.providerRequestId,
  };
}

interface SettleRow {
  out_n: number;
  out_outcome: 'done' | 'late' | 'again';
  out_reply_to: string[];
  out_more: boolean;
}

/** Brings answers into the ledger; concurrent calls share statements. Repeating a settle changes nothing. */
export function createSettle(database: Database, workerId: () => string): (answer: Record<string, unknown>) => Promise<Settlement> {
  async function settle(answers: readonly Record<string, unknown>[], wait: boolean): Promise<(Settlement | typeof AGAIN)[]> {
    const body = JSON.stringify(answers.map((answer, n) => ({ ...answer, n })));
    const rows = await database.query<SettleRow>(SETTLE, [body, workerId(), wait]);
    const results: (Settlement | typeof AGAIN)[] = answers.map(() => AGAIN);
    for (const row of rows) {
      if (row.out_outcome !== 'again') results[row.out_n] = { outcome: row.out_outcome, replyTo: row.out_reply_to, more: row.out_more };
    }
    return results;
  }

  return createBatcher<Record<string, unknown>, Settlement>({
    isShared: isUnavailable,
    runBatch: (answers) => settle(answers, false),
    async runAlone(answer) {
      const [result] = await settle([answer], true);
      return result === undefined || result === AGAIN ? { outcome: 'late', replyTo: [], more: false } : result;
    },
  });
}

/** The shape the SQL functions of failures read. */
export function failureJson(failure: FailedAttempt): Record<string, unknown> {
  return {
    ...attemptJson(failure),
    action: failure.action,
    delay_ms: failure.delayMs,
    charged: failure.charged,
    answers_for_s: failure.answersForS,
    error_code: failure.errorCode,
    error_message: failure.errorMessage,
    health: failure.health,
  };
}

/** What the SQL functions of failures answer. */
export interface FailureRow {
  readonly out_outcome: FailureSettlement['outcome'];
  readonly out_dispatch: Dispatch | null;
  readonly out_reply_to: string[];
  readonly out_more: boolean;
  readonly out_opened: boolean;
}

/** @param row absent = the attempt is nobody's any more */
export function toFailureSettlement(row: FailureRow | undefined): FailureSettlement {
  if (row === undefined) return { outcome: 'late', dispatch: null, replyTo: [], more: false, circuitOpened: false };
  return {
    outcome: row.out_outcome,
    dispatch: row.out_dispatch,
    replyTo: row.out_reply_to,
    more: row.out_more,
    circuitOpened: row.out_opened,
  };
}

/** Records a failed attempt and what becomes of its job. */
export async function failAttempt(database: Database, workerId: string, failure: FailedAttempt): Promise<FailureSettlement> {
  const [row] = await database.query<FailureRow>(FAIL, [JSON.stringify(failureJson(failure)), workerId]);
  return toFailureSettlement(row);
}

/** Writes usage rows of the callers beyond the first 200, a thousand at a time. */
export async function accountCallers(database: Database, jobId: string): Promise<void> {
  for (;;) {
    const [row] = await database.query<{ rows: number }>(ACCOUNT_CALLERS, [jobId, 1_000]);
    if ((row?.rows ?? 0) < 1_000) return;
  }
}
