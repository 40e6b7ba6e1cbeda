import { formatOfFile, type Usage } from '@ai-core/core';
import type { Database, Statement } from './database.ts';
import { attemptJson, tokensOf, type AttemptResult, type Charge, type StoredAudio } from './settle.ts';

/** A part of a long speech that is about to be bought. */
export interface BegunPart {
  readonly jobId: string;
  readonly fence: string;
  readonly attemptId: string;
  /** From 1. */
  readonly part: number;
  readonly priceId: string | null;
  readonly maxCostNanoUsd: bigint | null;
}

/** A part that was bought and whose sound is in the object store. */
export interface SettledPart extends AttemptResult {
  readonly usage: Usage;
  readonly promptHash: string;
  readonly promptText: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** False: it serves its own speech only. */
  readonly remember: boolean;
  readonly audio: StoredAudio;
  readonly latencyMs: number;
  readonly ignoredOptions: readonly string[];
}

export interface FailedPart extends AttemptResult, Charge {}

/** A part that is remembered. */
export interface RememberedPart {
  readonly memoryId: string;
  readonly audio: StoredAudio;
  readonly usage: Usage;
  readonly costNanoUsd: bigint | null;
  readonly ignoredOptions: readonly string[];
}

const TAKE: Statement = { name: 'part_take', text: 'select out_at as at, out_wait_s as wait_s from ai_take_part($1::jsonb, $2)' };
const SETTLE: Statement = { name: 'part_settle', text: 'select ai_settle_part($1::jsonb)' };
const FAIL: Statement = { name: 'part_fail', text: 'select ai_fail_part($1::jsonb)' };

/** A part that may be bought now, or after a while; lost: the job is no longer this worker's. */
export type PartTurn =
  | { readonly outcome: 'begun'; readonly at: Date }
  | { readonly outcome: 'wait'; readonly waitMs: number }
  | { readonly outcome: 'lost' };

/**
 * Writes the attempt of a part before its call, as soon as the limits of its provider and model leave room for it.
 * @returns `begun` with the time by the database's clock, or how long to wait before asking again
 */
export async function beginPart(database: Database, workerId: string, part: BegunPart): Promise<PartTurn> {
  const body = JSON.stringify({
    job_id: part.jobId,
    fence: part.fence,
    attempt_id: part.attemptId,
    part: part.part,
    price_id: part.priceId,
    max_cost_nano_usd: part.maxCostNanoUsd === null ? null : String(part.maxCostNanoUsd),
  });
  const [row] = await database.query<{ at: Date | null; wait_s: number | null }>(TAKE, [body, workerId]);
  if (row?.at != null) return { outcome: 'begun', at: row.at };
  return row?.wait_s == null ? { outcome: 'lost' } : { outcome: 'wait', waitMs: row.wait_s * 1_000 };
}

/** The shape that settlePart() takes; also the shape a spool keeps on disk. */
export function toPartJson(part: SettledPart): Record<string, unknown> {
  return {
    ...attemptJson(part),
    prompt_hash: part.promptHash,
    prompt_text: part.promptText,
    options: part.options,
    remember: part.remember,
    audio: part.audio,
    latency_ms: Math.round(part.latencyMs),
    ignored_options: part.ignoredOptions,
    tokens_used: tokensOf(part.usage),
  };
}

/** Accounts for a part that was paid, and remembers it. Repeating it changes nothing. */
export async function settlePart(database: Database, part: Record<string, unknown>): Promise<void> {
  await database.query(SETTLE, [JSON.stringify(part)]);
}

/** Accounts for the failed call of a part. */
export async function failPart(database: Database, part: FailedPart): Promise<void> {
  const { charged, errorCode, errorMessage } = part;
  await database.query(FAIL, [JSON.stringify({ ...attemptJson(part), charged, error_code: errorCode, error_message: errorMessage })]);
}

interface Row {
  id: string;
  file: string;
  bytes: bigint;
  seconds: number;
  sha256: string;
  usage: Usage;
  cost_nano_usd: bigint | null;
  ignored_options: string[];
}

/** A refresh overlooks what was remembered before it, but not what it has bought itself. */
const FIND: Statement = {
  name: 'part_find',
  text: `select m.id, m.generated_audio_file as file, m.audio_bytes as bytes, m.audio_seconds as seconds, m.audio_sha256 as sha256,
      jsonb_build_object('inputTokens', m.input_tokens, 'cacheReadTokens', m.cached_tokens, 'outputTokens', 0, 'cacheWriteTokens', 0,
        'cacheWriteLongTokens', 0, 'reasoningTokens', m.reasoning_tokens, 'audioOutputTokens', m.output_tokens, 'characters', m.characters,
        'batch', false, 'estimated', false) as usage,
      m.cost_nano_usd, m.ignored_options
    from ai_memory m join ai_job j on j.id = $4
    where m.prompt_hash = $1 and m.scope = $2 and m.simulated = $3 and m.is_current and m.generated_audio_file is not null
      and (m.expires_at is null or m.expires_at > clock_timestamp())
      and (j.cache_mode = 'use' or m.job_id = j.id)`,
};

export interface PartQuestion {
  readonly promptHash: string;
  readonly scope: string;
  readonly simulated: boolean;
  /** The job that needs it. */
  readonly jobId: string;
}

/** @returns the remembered part; null = it has to be bought */
export async function findPart(database: Database, { promptHash, scope, simulated, jobId }: PartQuestion): Promise<RememberedPart | null> {
  const [row] = await database.query<Row>(FIND, [promptHash, scope, simulated, jobId]);
  if (row === undefined) return null;
  return {
    memoryId: row.id,
    audio: { file: row.file, bytes: Number(row.bytes), seconds: row.seconds, format: formatOfFile(row.file), sha256: row.sha256 },
    usage: row.usage,
    costNanoUsd: row.cost_nano_usd,
    ignoredOptions: row.ignored_options,
  };
}
