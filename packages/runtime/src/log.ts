import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { destination, pino, stdSerializers, type Logger } from 'pino';

export type { Logger } from 'pino';

export interface LogOptions {
  readonly level: string;
  /** Which app speaks. */
  readonly name: string;
  /** Write to this file instead of stdout. */
  readonly file?: string | undefined;
}

/** Fields that could hold a credential, wherever they stand one level deep. */
const SECRETS = ['authorization', 'apiKey', 'api_key', 'password', 'secret', 'token', 'cookie'];

/** Money and ids of 64 bits as strings: a number would be rounded. */
function exact(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(exact);
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, exact(entry)]));
  }
  return value;
}

/** A structured log: one JSON line per event, to stdout or to a file. Prompts, answers and keys do not belong in it. */
export function createLog(options: LogOptions): Logger {
  if (options.file !== undefined) mkdirSync(path.dirname(options.file), { recursive: true });
  return pino(
    {
      level: options.level,
      base: { app: options.name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS.flatMap((name) => [name, `*.${name}`]), censor: '[secret]' },
      serializers: { err: stdSerializers.errWithCause },
      formatters: { level: (label) => ({ level: label }), log: (fields) => exact(fields) as Record<string, unknown> },
    },
    destination({ dest: options.file ?? 1, sync: true, mkdir: true }),
  );
}
