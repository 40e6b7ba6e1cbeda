import { formatMoney } from '@ai-core/core';
import { countFindings, FINDING_KINDS, type Finding } from './finding.ts';
import type { ActName } from './profile.ts';
import { percentileOf } from './resume-times.ts';

export interface Report {
  readonly seed: number;
  readonly commit: string;
  readonly accepted: number;
  readonly ok: number;
  readonly extraCalls: number;
  readonly unknownAttempts: number;
  readonly differenceBeforeNanoUsd: bigint;
  readonly kills: Readonly<Record<ActName, number>>;
  /** Acts of the schedule that this machine does not allow, and why. */
  readonly notRun: Readonly<Partial<Record<ActName, string>>>;
  readonly billNanoUsd: bigint;
  readonly ledgerNanoUsd: bigint;
  readonly rollUpNanoUsd: bigint;
  /** One for each call that a death cut. */
  readonly resumesMs: readonly number[];
  /** One for each FLUSHALL. */
  readonly redispatchMs: readonly number[];
  /** How often a caller was refused for now and had to ask again. */
  readonly refusals: number;
  readonly findings: readonly Finding[];
  /** Folder with everything of the run; null when there is nothing to look into. */
  readonly evidenceFolder: string | null;
}

/** For JSON.stringify: money is written as text. */
export function bigintAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function toNumber(nanoUsd: bigint): number {
  const number = Number(nanoUsd);
  if (!Number.isSafeInteger(number)) throw new Error(`${nanoUsd} nano-dollars do not fit into a number of JSON`);
  return number;
}

function spread(values: readonly number[]): { p50: number | null; p99: number | null; max: number | null } {
  return { p50: percentileOf(values, 0.5), p99: percentileOf(values, 0.99), max: percentileOf(values, 1) };
}

/** The line machines read. After the stable fields come those that say more. */
export function toJson(report: Report): string {
  const { lost, wrongly_failed, double_results, wrong_answers, double_bills, unbilled_calls, ...further } = countFindings(report.findings);
  return JSON.stringify({
    seed: report.seed,
    commit: report.commit,
    accepted: report.accepted,
    ok: report.ok,
    lost,
    wrongly_failed,
    double_results,
    wrong_answers,
    double_bills,
    unbilled_calls,
    extra_calls: report.extraCalls,
    unknown_attempts: report.unknownAttempts,
    difference_before_nano_usd: toNumber(report.differenceBeforeNanoUsd),
    kills: report.kills,
    not_run: report.notRun,
    bill_nano_usd: toNumber(report.billNanoUsd),
    ledger_nano_usd: toNumber(report.ledgerNanoUsd),
    rollup_nano_usd: toNumber(report.rollUpNanoUsd),
    resume_ms: spread(report.resumesMs),
    redispatch_ms: report.redispatchMs.map(Math.round),
    refusals: report.refusals,
    further_findings: further,
  });
}

/** What people read. */
export function toSummary(report: Report): string {
  const counts = countFindings(report.findings);
  const resume = spread(report.resumesMs);
  const kills = Object.entries(report.kills)
    .filter(([, count]) => count > 0)
    .map(([act, count]) => `${count} ${act}`);
  const notRun = Object.entries(report.notRun).map(([act, why]) => `NOT RUN: ${act}: ${why}`);
  return [
    `seed ${report.seed}, commit ${report.commit}`,
    `${report.accepted} requests accepted, ${report.ok} answered right; ${report.refusals} times a caller had to ask again because it was refused for now`,
    `survived: ${kills.join(', ')}`,
    ...notRun,
    `${report.extraCalls} calls beyond the one each prompt needs; ${report.unknownAttempts} attempts of unknown outcome, settled from the bill`,
    `bill ${formatMoney(report.billNanoUsd)}, ledger ${formatMoney(report.ledgerNanoUsd)}, daily tables ${formatMoney(report.rollUpNanoUsd)}; before settling ${formatMoney(report.differenceBeforeNanoUsd)} apart`,
    `cut work went on after ${resume.p50} ms (p50), ${resume.p99} ms (p99), ${resume.max} ms (max), ${report.resumesMs.length} calls`,
    `after FLUSHALL all work was back after ${report.redispatchMs.map((ms) => `${Math.round(ms)} ms`).join(', ')}`,
    ...FINDING_KINDS.map((kind) => `${counts[kind] === 0 ? 'ok    ' : 'FAILED'} ${kind.replaceAll('_', ' ')}: ${counts[kind]}`),
  ].join('\n');
}
