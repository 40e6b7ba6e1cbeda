import type { SpeechFormat } from './speech-format.ts';
import type { ToolCall } from './tool-call.ts';
import type { AnswerSource } from './usage.ts';

/** What every finished request tells, whatever its kind. */
export interface AnswerBase {
  readonly jobId: string | null;
  readonly memoryId: string | null;
  readonly provider: string;
  readonly model: string;
  /** True when nothing was called for this caller: memory, or work that was already in flight. */
  readonly cached: boolean;
  readonly source: AnswerSource;
  readonly simulated: boolean;
  /** Input + output tokens of the call that made the answer. */
  readonly tokensUsed: number;
  /** Those of them that are output, reasoning included. */
  readonly outputTokens: number;
  /** What this request cost; null = the price is unknown and the row is listed as unpriced. */
  readonly costNanoUsd: bigint | null;
  /** What this request would have cost without AI Core. */
  readonly savedNanoUsd: bigint;
  /** From the call until the answer, in milliseconds. */
  readonly latencyMs: number;
  /** Options that the model could not honour and that were left out. */
  readonly ignoredOptions: readonly string[];
}

export interface TextAnswer extends AnswerBase {
  /** Empty when the model only called functions. */
  readonly text: string;
  /** Functions the model wants called before it goes on; none unless it was given `tools`. */
  readonly toolCalls: readonly ToolCall[];
}

export interface AudioAnswer extends AnswerBase {
  readonly audio: Uint8Array;
  readonly format: SpeechFormat;
  /** Presigned address of the file, good for 15 minutes. */
  readonly url: string;
  readonly seconds: number;
  readonly bytes: number;
  readonly sha256: string;
}
