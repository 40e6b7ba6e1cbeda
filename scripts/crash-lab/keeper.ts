import type { Child } from '../child-process.ts';

export interface Death {
  readonly pid: number;
  /** When the lab killed it, in milliseconds by the database's clock. */
  readonly atMs: number;
}

/** Keeps a fixed number of workers running, as an orchestrator does: whatever dies is started again. */
export interface Keeper {
  /** SIGKILL. Waits for the worker when it is just starting. */
  kill(target: number): Promise<void>;
  /** SIGSTOP, and SIGCONT later. */
  pause(target: number, lastsMs: number): Promise<void>;
  /** Workers the lab killed. */
  readonly deaths: readonly Death[];
  /** Workers that ended by themselves after they had started: how. */
  readonly crashes: readonly string[];
  /** Ends all workers in order and starts none again. */
  stop(): Promise<void>;
}

export interface KeeperOptions {
  readonly workers: number;
  readonly databaseNow: () => number;
  /** Starts the worker of one place; a restarted worker has the disk of the one before it. */
  readonly start: (place: number) => Promise<Child>;
}

const RESTART_AFTER_MS = 200;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts the workers; resolves when each has been ready once. */
export async function startKeeper({ workers, databaseNow, start }: KeeperOptions): Promise<Keeper> {
  const deaths: Death[] = [];
  const crashes: string[] = [];
  const killed = new WeakSet<Child>();
  let stopping = false;
  /** The living worker of each place, as soon as it is ready. */
  const living = Array.from({ length: workers }, () => Promise.withResolvers<Child>());

  async function keep(place: number): Promise<void> {
    while (!stopping) {
      // A start fails while Postgres is away, as it would in production; then it is tried again.
      const child = await start(place).catch(() => undefined);
      if (child === undefined) {
        await sleep(RESTART_AFTER_MS);
        continue;
      }
      if (stopping) {
        await child.stop();
        return;
      }
      living[place]?.resolve(child);
      await child.ended;
      living[place] = Promise.withResolvers<Child>();
      if (!killed.has(child) && !stopping) crashes.push(`worker ${place} ended with ${child.process.exitCode ?? child.process.signalCode}`);
      if (!stopping) await sleep(RESTART_AFTER_MS);
    }
  }

  const keeping = Array.from({ length: workers }, (_, place) => keep(place));
  await Promise.all(living.map(({ promise }) => promise));

  async function livingAt(target: number): Promise<Child | undefined> {
    return living[target % workers]?.promise;
  }

  return {
    deaths,
    crashes,
    async kill(target) {
      const child = await livingAt(target);
      const pid = child?.process.pid;
      if (child === undefined || pid === undefined) return;
      killed.add(child);
      deaths.push({ pid, atMs: databaseNow() });
      child.process.kill('SIGKILL');
      await child.ended;
    },
    async pause(target, lastsMs) {
      const child = await livingAt(target);
      // Nothing happens when it was killed meanwhile. A frozen worker would also outlive the lab.
      const wake = (): void => void child?.process.kill('SIGCONT');
      process.once('exit', wake);
      child?.process.kill('SIGSTOP');
      await sleep(lastsMs);
      wake();
      process.off('exit', wake);
    },
    async stop() {
      stopping = true;
      for (const { promise } of living) void promise.then((child) => child.stop());
      await Promise.all(keeping);
    },
  };
}
