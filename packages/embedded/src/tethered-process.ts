import { spawn, type ChildProcess } from 'node:child_process';

export interface TetheredOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Signal that ends the program in order. */
  readonly stopSignal: 'INT' | 'TERM';
  /** Told each piece of output. */
  readonly onOutput: (text: string) => void;
}

export interface TetheredProcess {
  /** Resolves with the exit code when the program has ended. */
  readonly ended: Promise<number | null>;
  hasEnded(): boolean;
  /** Ends the program in order and waits for it. */
  stop(): Promise<void>;
  /** Lets this process exit although the program runs; the program ends then. */
  unref(): void;
}

/**
 * The shell lives exactly as long as our end of its stdin: when this process ends, however it ends, the pipe closes and the
 * program is told to stop. A SIGKILL of Node leaves no orphan server behind.
 */
const TETHER = `exec 3<&0; "$0" "$@" </dev/null 3<&- & p=$!; (cat <&3 >/dev/null; kill -$STOP_SIGNAL $p 2>/dev/null) & c=$!; wait $p; r=$?; kill $c 2>/dev/null; exit $r`;

/** Starts a program that ends with this process. */
export function startTethered(options: TetheredOptions): TetheredProcess {
  const child: ChildProcess = spawn('/bin/sh', ['-c', TETHER, options.command, ...options.args], {
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.gid === undefined ? {} : { gid: options.gid }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...(options.env ?? process.env), STOP_SIGNAL: options.stopSignal },
    // A group of its own: Ctrl-C in a terminal must reach Node first, which stops the program when nothing uses it any more.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let over = false;
  const ended = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => {
      over = true;
      resolve(code);
    });
    child.once('error', () => {
      over = true;
      resolve(127);
    });
  });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', options.onOutput);
  // Writing to a program that has just died is no news.
  child.stdin?.on('error', () => undefined);

  return {
    ended,
    hasEnded: () => over,
    async stop() {
      if (over) return;
      child.ref();
      child.stdin?.end();
      await ended;
    },
    unref() {
      child.unref();
      for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as { unref?: () => void } | null)?.unref?.();
    },
  };
}
