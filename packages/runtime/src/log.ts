import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { destination, pino, type Logger } from 'pino';
import { toLoggable } from './loggable.ts';

export type { Logger } from 'pino';

export interface LogOptions {
  readonly level: string;
  /** Which app speaks. */
  readonly name: string;
  /** Write to this file instead of stdout. */
  readonly file?: string | undefined;
}

/**
 * A structured log: one JSON line per event, to stdout or to a file. 64-bit amounts are texts. Prompts, answers and keys do not belong in
 * it; credentials that come along with an error are taken out.
 */
export function createLog(options: LogOptions): Logger {
  if (options.file !== undefined) mkdirSync(path.dirname(options.file), { recursive: true });
  return pino(
    {
      level: options.level,
      base: { app: options.name, pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      // Errors are described by toLoggable; pino's own description would keep what is to be hidden.
      serializers: { err: (error: unknown) => error },
      formatters: { level: (label) => ({ level: label }), log: (fields) => toLoggable(fields) as Record<string, unknown> },
      hooks: {
        logMethod(args, method) {
          method.apply(
            this,
            args.map((argument: unknown) => (typeof argument === 'string' ? toLoggable(argument) : argument)) as typeof args,
          );
        },
      },
    },
    // Synchronous: the lines before a crash are the ones that matter.
    destination({ dest: options.file ?? 1, sync: true }),
  );
}
