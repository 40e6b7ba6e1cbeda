import { AiCoreError, type ErrorCode } from '@ai-core/core';
import { EXIT } from './exit-codes.ts';

/** Where a verb's result goes: with --json one document on stdout and nothing else there, otherwise lines for people. */
export interface Output {
  readonly json: boolean;
  /** A line for people; silent with --json. */
  line(text?: string): void;
  /** Progress and remarks: always stderr. */
  note(text: string): void;
  /** The result: printed as one JSON document with --json; `lines` for people otherwise. */
  result(document: unknown, lines?: readonly string[]): void;
}

/** BigInt as decimal string, dates as ISO 8601. */
function toJson(document: unknown): string {
  return JSON.stringify(document, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

export function createOutput(json: boolean): Output {
  return {
    json,
    line: (text = '') => {
      if (!json) process.stdout.write(`${text}\n`);
    },
    note: (text) => void process.stderr.write(`${text}\n`),
    result: (document, lines = []) => {
      if (json) process.stdout.write(`${toJson(document)}\n`);
      else for (const line of lines) process.stdout.write(`${line}\n`);
    },
  };
}

/** Columns aligned for a terminal; numbers to the right. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const isNumeric = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^[-$]?[\d.,]+ ?(ms|s|%)?$/.test(row[column] ?? '') || row[column] === ''),
  );
  const format = (row: readonly string[]): string =>
    row
      .map((cell, column) => (isNumeric[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [format(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(format)];
}

/** Where the command knows better than the error table what a person can do. */
const ADVICE: Partial<Record<ErrorCode, (helpCommand: string) => string>> = {
  REQUEST_INVALID: (helpCommand) => `\`${helpCommand}\` shows what can be said.`,
  STORE_UNAVAILABLE: () =>
    'Start AI Core with `npm start`, or set DATABASE_URL and, where the queue is on Redis, REDIS_URL to services that run.',
};

/**
 * Tells of a failed verb: what, why, what to do.
 * @param helpCommand the command line that shows the verb's help
 * @returns the exit code
 */
export function reportFailure(output: Output, error: unknown, helpCommand: string): number {
  const failure = AiCoreError.from(error);
  const advice = ADVICE[failure.code]?.(helpCommand) ?? failure.facts.advice;
  if (output.json) {
    output.result({ error: { code: failure.code, message: failure.reason, advice, job_id: failure.jobId } });
  }
  process.stderr.write(`${failure.message}\n${advice}\n`);
  if (failure.code === 'INTERNAL' && failure.cause instanceof Error)
    process.stderr.write(`${failure.cause.stack ?? failure.cause.message}\n`);
  if (failure.code === 'REQUEST_INVALID') return EXIT.usage;
  return failure.code === 'STORE_UNAVAILABLE' ? EXIT.unreachable : EXIT.failed;
}
