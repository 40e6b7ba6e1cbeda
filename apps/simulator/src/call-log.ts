import type { ProviderName } from '@ai-core/core';
import { FAULTS, type FaultName } from './fault.ts';

/** One request for paid work, charged or not. */
export interface Call {
  readonly seq: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly provider: ProviderName;
  readonly model: string;
  readonly wire: string;
  readonly stream: boolean;
  readonly attemptId: string | null;
  readonly requestId: string;
  readonly promptSha256: string;
  readonly fault: FaultName | null;
  /** The HTTP status answered; null as long as nothing was. */
  status: number | null;
  charged: boolean;
  /** True when the client had hung up before the answer was there. */
  clientGone: boolean;
}

/** Calls kept for looking at; older ones are forgotten, the totals are not. */
const KEPT_CALLS = 10_000;

export interface CallLog {
  start(call: Omit<Call, 'seq' | 'at' | 'status' | 'charged' | 'clientGone'>): Call;
  /** The kept calls with a seq above `since`, oldest first. */
  calls(since?: number): readonly Call[];
  totals(): Readonly<Record<string, number>>;
  /** Of the kept calls, those that are being worked on: not yet answered, and not meant to stay without an answer. */
  underWay(): number;
}

export function callLog(): CallLog {
  let kept: Call[] = [];
  let seq = 0;
  const totals = new Map<string, number>();
  return {
    start(call) {
      seq += 1;
      const started: Call = { ...call, seq, at: new Date().toISOString(), status: null, charged: false, clientGone: false };
      kept.push(started);
      if (kept.length >= 2 * KEPT_CALLS) kept = kept.slice(-KEPT_CALLS);
      totals.set(call.provider, (totals.get(call.provider) ?? 0) + 1);
      return started;
    },
    calls: (since = 0) => kept.filter((call) => call.seq > since),
    underWay: () => kept.filter(({ status, fault }) => status === null && (fault === null || FAULTS[fault].stage !== 'silence')).length,
    totals: () => Object.fromEntries(totals),
  };
}
