/** The signals that ask a process to end. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
const EXIT_BY_SIGNAL = { SIGTERM: 143, SIGINT: 130, SIGHUP: 129 } as const;

export interface ShutdownOptions {
  /** Ends everything in order. */
  readonly stop: (signal: string) => Promise<void>;
  /** The process exits after this long whatever `stop` does, in milliseconds. Default 25,000: less than the 30 s orchestrators grant. */
  readonly limitMs?: number;
  readonly onError?: (error: unknown) => void;
  /** Exit code after an orderly end; default 0. */
  readonly code?: number;
}

/** One press of Ctrl-C, or one stop of a process group, may arrive twice: directly and passed on by a parent. */
const SAME_REQUEST_MS = 500;

/** Ends the process in order on the first signal, and at once on the second. */
export function onShutdown(options: ShutdownOptions): void {
  const { stop, limitMs = 25_000, code = 0 } = options;
  let stoppingSince: number | undefined;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (stoppingSince !== undefined) {
        if (performance.now() - stoppingSince > SAME_REQUEST_MS) process.exit(EXIT_BY_SIGNAL[signal]);
        return;
      }
      stoppingSince = performance.now();
      setTimeout(() => process.exit(EXIT_BY_SIGNAL[signal]), limitMs).unref();
      stop(signal).then(
        () => process.exit(code),
        (error: unknown) => {
          options.onError?.(error);
          process.exit(1);
        },
      );
    });
  }
}
