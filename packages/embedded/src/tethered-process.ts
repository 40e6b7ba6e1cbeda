import { spawn } from 'node:child_process';

export interface TetheredOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  /** Default: the environment of this process. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Signal that ends the program in order. */
  readonly stopSignal: 'INT' | 'TERM';
  /** How long `stop` waits before it kills; default 30 000. */
  readonly stopWithinMs?: number | undefined;
  /** Told each piece of output. */
  readonly onOutput: (text: string) => void;
}

export interface TetheredProcess {
  /** Resolves with the exit code when the program has ended; null when a signal ended the tether itself. */
  readonly ended: Promise<number | null>;
  hasEnded(): boolean;
  /** Ends the program in order and waits for it; by force when it takes too long. */
  stop(): Promise<void>;
  /** Lets this process exit although the program runs; the program ends then. */
  unref(): void;
}

/**
 * The shell lives exactly as long as our end of its stdin: when this process ends, however it ends, the pipe closes and the
 * program is told to stop. A SIGKILL of Node leaves no orphan server behind.
 */
const TETHER = [
  'exec 3<&0; s=$1; shift',
  '"$0" "$@" </dev/null 3<&- & p=$!',
  '(cat <&3 >/dev/null; kill -"$s" $p 2>/dev/null) & c=$!',
  'wait $p; r=$?; kill $c 2>/dev/null; exit $r',
].join('\n');

const COMMAND_NOT_STARTED = 127;
const STOP_WITHIN_MS = 30_000;

/** Starts a program that ends with this process. */
export function startTethered(options: TetheredOptions): TetheredProcess {
  const child = spawn('/bin/sh', ['-c', TETHER, options.command, options.stopSignal, ...options.args], {
    uid: options.uid,
    gid: options.gid,
    cwd: options.cwd,
    env: options.env,
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
    child.once('error', (error) => {
      over = true;
      options.onOutput(String(error));
      resolve(COMMAND_NOT_STARTED);
    });
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', options.onOutput);
  // Writing to a program that has just died is no news.
  child.stdin.on('error', () => undefined);

  function endByForce(): void {
    if (child.pid === undefined || over) return;
    // The negative number means the whole group: shell and program.
    process.kill(-child.pid, 'SIGKILL');
  }

  return {
    ended,
    hasEnded: () => over,
    async stop() {
      if (over) return;
      child.ref();
      child.stdin.end();
      const impatience = setTimeout(endByForce, options.stopWithinMs ?? STOP_WITHIN_MS);
      await ended;
      clearTimeout(impatience);
    },
    unref() {
      child.unref();
      for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as { unref?: () => void }).unref?.();
    },
  };
}
