import type { CacheMode, Json, Lane, SelectionMode } from '@ai-core/core';

/** What every request of the library may say, whatever its kind. */
export interface RequestInput {
  /** What the answer is for: decides tier, normalisation and limits. Letters, digits, `_`, `-` and `.`. */
  readonly requestType?: string | undefined;
  /** What shapes the answer: language, difficulty, system, temperature, ... Part of the answer's identity. */
  readonly options?: Readonly<Record<string, Json>> | undefined;
  /** `auto` (default) picks the cheapest good model; `manual` takes the one named. */
  readonly selectionMode?: SelectionMode | undefined;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  /** Who asked, for the accounts. Never part of the answer's identity. */
  readonly user?: string | number | undefined;
  /** Category of the user; its policy may narrow the choice of a model. */
  readonly userCategory?: string | undefined;
  /** Which function of the backend asked. */
  readonly endpoint?: string | undefined;
  /** Who may be given the remembered answer; default `shared`. */
  readonly scope?: string | undefined;
  readonly cache?: CacheMode | undefined;
  /** A remembered answer older than this does not count, in seconds. */
  readonly maxAgeS?: number | undefined;
  readonly lane?: Lane | undefined;
  /** 0 (first, default) to 9. */
  readonly priority?: number | undefined;
  /** The work is dropped when it has not begun by then, in seconds from now. */
  readonly deadlineS?: number | undefined;
  /** Fall over to other models although one was named. */
  readonly fallback?: boolean | undefined;
  readonly maxCostUsd?: number | undefined;
  /** The answer tells which models were considered and why each was taken or not. */
  readonly explain?: boolean | undefined;
  /**
   * 1 to 255 printable characters that name this very request: asked again with the same key within 7 days it is the same request,
   * with the same job or remembered answer, whatever the cache mode. A different request under the key is refused. Keys belong to
   * their caller. Not for repeated questions, which memory answers anyway, but for a caller that does not know whether it has asked.
   */
  readonly idempotencyKey?: string | undefined;
  /** Names to keep out of everything that leaves the process. */
  readonly knownNames?: readonly string[] | undefined;
}

/** How long and under which signal a caller waits. */
export interface WaitInput {
  /** Gives up waiting after this long, in milliseconds; the work goes on. Default 120,000. */
  readonly timeoutMs?: number | undefined;
  /** Aborting takes the request back: the job is cancelled when nobody else waits for it. */
  readonly signal?: AbortSignal | undefined;
  /** Aborting ends the wait with RESULT_NOT_READY; the work goes on. Of no use to a stream, which ends when it is no longer read. */
  readonly leave?: AbortSignal | undefined;
}

/** The common part of a request in its wire form. */
function commonWire(input: RequestInput): Record<string, unknown> {
  return {
    request_type: input.requestType,
    options: input.options,
    selection_mode: input.selectionMode,
    provider: input.provider,
    model: input.model,
    user_id: input.user === undefined ? undefined : String(input.user),
    user_category: input.userCategory,
    endpoint: input.endpoint,
    scope: input.scope,
    cache: input.cache,
    max_age_s: input.maxAgeS,
    lane: input.lane,
    priority: input.priority,
    deadline_s: input.deadlineS,
    fallback: input.fallback,
    max_cost_usd: input.maxCostUsd,
    explain: input.explain,
    known_names: input.knownNames,
  };
}

/**
 * A request in its wire form: snake_case, absent fields left out.
 * @param own the fields that only this kind of request has
 */
export function toWire(input: RequestInput, own: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const wire = { ...commonWire(input), ...own };
  return Object.fromEntries(Object.entries(wire).filter(([, value]) => value !== undefined));
}
