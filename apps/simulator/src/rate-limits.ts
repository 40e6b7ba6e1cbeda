import type { ProviderName } from '@ai-core/core';

/** What a vendor lets one account do in a minute. */
export interface RateLimit {
  readonly provider: ProviderName;
  /** Absent = each model of the provider by itself. */
  readonly model?: string | undefined;
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
}

interface Window {
  startedAtMs: number;
  requests: number;
  tokens: number;
}

const WINDOW_MS = 60_000;

export interface RateLimits {
  set(limits: readonly RateLimit[]): void;
  /**
   * Takes one request with its tokens out of the current minute.
   * @returns how long to wait in milliseconds when there is no room, else undefined
   */
  take(call: { provider: ProviderName; model: string; tokens: number; nowMs: number }): number | undefined;
}

/** Fixed one-minute windows, as the vendors describe theirs. Without limits everything passes. */
export function rateLimits(): RateLimits {
  let limits: readonly RateLimit[] = [];
  const windows = new Map<string, Window>();
  return {
    set(next) {
      limits = next;
      windows.clear();
    },
    take({ provider, model, tokens, nowMs }) {
      const limit = limits.find((entry) => entry.provider === provider && (entry.model ?? model) === model);
      if (!limit) return undefined;
      const key = `${provider} ${model}`;
      let window = windows.get(key);
      if (!window || nowMs - window.startedAtMs >= WINDOW_MS) {
        window = { startedAtMs: nowMs, requests: 0, tokens: 0 };
        windows.set(key, window);
      }
      const full =
        window.requests + 1 > (limit.requestsPerMinute ?? Number.POSITIVE_INFINITY) ||
        window.tokens + tokens > (limit.tokensPerMinute ?? Number.POSITIVE_INFINITY);
      if (full) return window.startedAtMs + WINDOW_MS - nowMs;
      window.requests += 1;
      window.tokens += tokens;
      return undefined;
    },
  };
}
