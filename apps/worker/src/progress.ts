/** Whether this process gets on with its work: a worker that looks connected and takes no jobs must say so. */
import type { QueueBackend } from '@ai-core/queue';
import { listWaitingQueues, type Database } from '@ai-core/store';

/** ok: it works, or nothing waits. stuck: work waits, there is room for it, and none is taken. paused: nobody may take any now. */
export type QueueProgress = 'ok' | 'stuck' | 'paused' | 'unknown';

export interface Readiness {
  readonly ready: boolean;
  /** The row of this process in the ledger: without it what it does is given to others. */
  readonly lease: 'ok' | 'lost';
  readonly postgres: 'ok' | 'unreachable';
  readonly queues: Readonly<Record<string, QueueProgress>>;
}

export interface ProgressOptions {
  readonly database: Database;
  readonly queue: Pick<QueueBackend, 'isPaused'>;
  readonly isLeaseHeld: () => boolean;
  /** Provider queues of this process, and how many entries of each it handles at once. */
  readonly queues: readonly string[];
  readonly concurrency: number;
  /** How long work may wait in front of a free place, in milliseconds. */
  readonly stuckAfterMs: number;
}

export interface Progress {
  /** An entry of the queue was handed over. @returns a function that says its handling is over */
  begin(queue: string): () => void;
  check(): Promise<Readiness>;
}

/** A check that takes longer has failed: whoever asks must get an answer. */
const CHECK_MS = 3_000;

export function watchProgress(options: ProgressOptions): Progress {
  const { database, queue, queues, concurrency, stuckAfterMs } = options;
  const seen = new Map(queues.map((name) => [name, { lastMs: performance.now(), busy: 0 }]));

  function isIdle(name: string): boolean {
    const own = seen.get(name);
    return own !== undefined && own.busy < concurrency && performance.now() - own.lastMs > stuckAfterMs;
  }

  async function judge(name: string, waiting: ReadonlySet<string>): Promise<QueueProgress> {
    if (!waiting.has(name) || !isIdle(name)) return 'ok';
    const paused = await within(queue.isPaused(name)).catch(() => undefined);
    // A queue that is away keeps everybody from work, this process no more than another.
    if (paused === undefined) return 'unknown';
    return paused ? 'paused' : 'stuck';
  }

  return {
    begin(name) {
      const own = seen.get(name);
      if (own === undefined) return () => undefined;
      own.busy += 1;
      own.lastMs = performance.now();
      return () => {
        own.busy -= 1;
        own.lastMs = performance.now();
      };
    },

    async check() {
      const lease = options.isLeaseHeld() ? 'ok' : 'lost';
      const waiting = await within(listWaitingQueues(database, queues, stuckAfterMs)).catch(() => undefined);
      if (waiting === undefined) {
        return {
          ready: false,
          lease,
          postgres: 'unreachable',
          queues: Object.fromEntries(queues.map((name) => [name, 'unknown' as const])),
        };
      }
      const set = new Set(waiting);
      const states = await Promise.all(queues.map(async (name) => [name, await judge(name, set)] as const));
      const ready = lease === 'ok' && states.every(([, state]) => state === 'ok' || state === 'paused');
      return { ready, lease, postgres: 'ok', queues: Object.fromEntries(states) };
    },
  };
}

function within<Result>(work: Promise<Result>): Promise<Result> {
  return Promise.race([
    work,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`no answer within ${CHECK_MS} ms`)), CHECK_MS).unref()),
  ]);
}
