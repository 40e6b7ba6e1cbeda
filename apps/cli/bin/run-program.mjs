import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isatty } from 'node:tty';

// Plain JavaScript that Node 18 understands. Shared with scripts/bootstrap.mjs.

/**
 * Signals that end a program.
 * @type {NodeJS.Signals[]}
 */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** A terminal sends these to every process of the foreground group by itself: passed on as well, they would arrive twice. */
const SENT_BY_TERMINALS = ['SIGINT', 'SIGHUP'];
/** How often the parent is looked for, in milliseconds. */
const PARENT_CHECK_MS = 500;

/**
 * Calls back once when npm, which started this process, has gone. npm passes a SIGTERM on only to its shell, which dies without a word.
 * A process started without npm may outlive its parent: that is how it is put into the background.
 * @param {() => void} onGone
 * @returns {() => void} ends the watch
 */
function watchNpm(onGone) {
  if (process.env['npm_lifecycle_event'] === undefined) return () => undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, PARENT_CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Runs a program in the foreground: signals reach it once, and it ends when npm does.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options] stdio is inherited unless said otherwise
 * @returns {Promise<{ code: number, stoppedBy: NodeJS.Signals | undefined }>} `code`: as a shell gives it, 128 + n after signal n;
 *   `stoppedBy`: the first signal this process was sent meanwhile. Rejects when the program cannot be started.
 */
export function runProgram(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const inTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
    /** @type {NodeJS.Signals | undefined} */
    let stoppedBy;
    /** @param {NodeJS.Signals} signal */
    const passOn = (signal) => {
      stoppedBy ??= signal;
      if (!(inTerminal && SENT_BY_TERMINALS.includes(signal))) child.kill(signal);
    };
    for (const signal of SIGNALS) process.on(signal, passOn);
    const endWatch = watchNpm(() => {
      // Whatever was sent already is being obeyed; a second signal would cut the orderly end short.
      if (stoppedBy === undefined) child.kill('SIGTERM');
      stoppedBy ??= 'SIGTERM';
    });
    const finish = () => {
      endWatch();
      for (const signal of SIGNALS) process.off(signal, passOn);
    };
    child.once('error', (error) => {
      finish();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      finish();
      resolve({ code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), stoppedBy });
    });
  });
}
