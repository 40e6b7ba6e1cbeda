/** Fills memory from a list of expected requests, before anybody asks for them. */
import { AiCoreError, parseBulkLine, type BulkRequest, type ErrorCode, type Lane } from '@ai-core/core';
import type { AiCore } from './create-ai-core.ts';
import type { RequestHandle } from './request-handle.ts';

export interface WarmOptions {
  /** One request a line, as JSON, like the lines of POST /v1/bulk. Empty lines are skipped. */
  readonly lines: AsyncIterable<string> | Iterable<string>;
  /** Default batch: nobody waits for it, and batch APIs are cheaper. */
  readonly lane?: Lane | undefined;
  /** The most this run may spend, in nano-USD: no call is ordered that could exceed it. Absent = what the budgets allow. */
  readonly mostNanoUsd?: bigint | undefined;
  /** Default true: the report comes when everything is answered. false: as soon as everything is accepted. */
  readonly wait?: boolean | undefined;
  /** How long one answer may take, in milliseconds; default 26 hours, since a batch may take 24. */
  readonly timeoutMs?: number | undefined;
  readonly onProgress?: ((report: WarmReport) => void) | undefined;
}

export interface WarmTrouble {
  /** From 1. */
  readonly line: number;
  readonly code: ErrorCode;
  readonly reason: string;
}

export interface WarmReport {
  /** Lines that were read, empty ones aside. */
  readonly lines: number;
  /** Were in memory already, and cost nothing. */
  readonly remembered: number;
  /** Were in flight already: ordered by somebody else, or by an earlier line. */
  readonly joined: number;
  readonly ordered: number;
  /** Of what was joined and ordered, what has been answered by now. */
  readonly answered: number;
  /** What was paid for the answers, as far as it is known. */
  readonly costNanoUsd: bigint;
  /** Lines that are no request, or cannot be one; they were skipped. */
  readonly wrong: readonly WarmTrouble[];
  /** Requests that were accepted and have no answer. */
  readonly failed: readonly WarmTrouble[];
  /** The line at which a budget ended the run: run it again when there is money again. null = all lines were taken. */
  readonly stoppedAtLine: number | null;
}

/** Requests brought into the ledger at the same time; they share statements. */
const AT_ONCE = 64;
/** Answers waited for at the same time. */
const WATCHED = 1_000;
const HOUR_MS = 3_600_000;
const PATIENCE_MS = 26 * HOUR_MS;

interface Line {
  readonly number: number;
  readonly bulk: BulkRequest;
}

interface Pending {
  readonly number: number;
  readonly handle: RequestHandle<{ readonly costNanoUsd: bigint | null }>;
}

type Mutable<Shape> = { -readonly [Key in keyof Shape]: Shape[Key] };

function troubleOf(line: number, error: unknown): WarmTrouble {
  const { code, reason } = AiCoreError.from(error);
  return { line, code, reason };
}

/** One run over a list. */
class Warming {
  readonly #aiCore: AiCore;
  readonly #options: WarmOptions;
  readonly #wrong: WarmTrouble[] = [];
  readonly #failed: WarmTrouble[] = [];
  readonly report: Mutable<WarmReport>;
  #chunk: Line[] = [];
  #pending: Pending[] = [];
  /** The most that what is under way can cost. */
  #heldNanoUsd = 0n;

  constructor(aiCore: AiCore, options: WarmOptions) {
    this.#aiCore = aiCore;
    this.#options = options;
    const counts = { lines: 0, remembered: 0, joined: 0, ordered: 0, answered: 0, costNanoUsd: 0n };
    this.report = { ...counts, wrong: this.#wrong, failed: this.#failed, stoppedAtLine: null };
  }

  get isStopped(): boolean {
    return this.report.stoppedAtLine !== null;
  }

  async take(text: string, number: number): Promise<void> {
    this.report.lines++;
    try {
      const line = { number, bulk: parseBulkLine(text, number) };
      if (await this.#isAffordable(line)) this.#chunk.push(line);
      else this.#stopAt(number);
    } catch (error) {
      this.#wrong.push(troubleOf(number, error));
    }
    if (this.#chunk.length >= AT_ONCE) await this.flush();
  }

  /** Brings what has been read into the ledger. */
  async flush(): Promise<void> {
    const chunk = this.#chunk;
    this.#chunk = [];
    await Promise.all(chunk.map((line) => this.#order(line)));
    this.#options.onProgress?.(this.report);
  }

  /** Waits for everything that is under way; what it could have cost is then known to be what it did cost. */
  async settle(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    for (let first = 0; first < pending.length; first += WATCHED) {
      await Promise.all(pending.slice(first, first + WATCHED).map((one) => this.#settleOne(one)));
      this.#options.onProgress?.(this.report);
    }
    this.#heldNanoUsd = 0n;
  }

  #stopAt(number: number): void {
    this.report.stoppedAtLine = Math.min(number, this.report.stoppedAtLine ?? number);
  }

  async #mostOf({ bulk }: Line): Promise<bigint> {
    const { kind, request } = bulk;
    const { candidates } = kind === 'text' ? await this.#aiCore.estimateText(request) : await this.#aiCore.estimateAudio(request);
    return BigInt(candidates[0]?.max_cost_nano_usd ?? 0);
  }

  async #isAffordable(line: Line): Promise<boolean> {
    const limit = this.#options.mostNanoUsd;
    if (limit === undefined) return true;
    const most = await this.#mostOf(line);
    if (this.report.costNanoUsd + this.#heldNanoUsd + most > limit) {
      await this.flush();
      await this.settle();
    }
    if (this.report.costNanoUsd + most > limit) return false;
    this.#heldNanoUsd += most;
    return true;
  }

  async #order({ number, bulk }: Line): Promise<void> {
    const { lane = 'batch' } = this.#options;
    try {
      const handle =
        bulk.kind === 'text'
          ? await this.#aiCore.acceptText({ ...bulk.request, lane })
          : await this.#aiCore.acceptAudio({ ...bulk.request, lane });
      this.report[COUNTED_AS[handle.outcome]]++;
      if (handle.outcome !== 'hit') this.#pending.push({ number, handle });
    } catch (error) {
      const trouble = troubleOf(number, error);
      if (trouble.code === 'BUDGET_EXCEEDED') this.#stopAt(number);
      else this.#wrong.push(trouble);
    }
  }

  async #settleOne({ number, handle }: Pending): Promise<void> {
    try {
      const { costNanoUsd } = await handle.result({ timeoutMs: this.#options.timeoutMs ?? PATIENCE_MS });
      this.report.answered++;
      this.report.costNanoUsd += costNanoUsd ?? 0n;
    } catch (error) {
      const trouble = troubleOf(number, error);
      this.#failed.push(trouble);
      if (trouble.code === 'BUDGET_EXCEEDED') this.#stopAt(number);
    }
  }
}

const COUNTED_AS = { hit: 'remembered', joined: 'joined', created: 'ordered', replayed: 'joined' } as const satisfies Record<
  RequestHandle<unknown>['outcome'],
  keyof WarmReport
>;

/**
 * Asks for every request of the list, so that whoever asks later is answered from memory. May be broken off and repeated: what is
 * remembered or in flight is not bought again. A budget that is used up ends the run; lines that are wrong are named and skipped.
 */
export async function warmMemory(aiCore: AiCore, options: WarmOptions): Promise<WarmReport> {
  const warming = new Warming(aiCore, options);
  let number = 0;
  for await (const text of options.lines) {
    number++;
    if (text.trim() === '') continue;
    await warming.take(text, number);
    if (warming.isStopped) break;
  }
  await warming.flush();
  if (options.wait !== false) await warming.settle();
  return warming.report;
}
