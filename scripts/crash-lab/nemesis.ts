import type { Keeper } from './keeper.ts';
import { killIfAlive } from './mortal-servers.ts';
import { networkActs } from './network-acts.ts';
import type { PlannedAct } from './plan-acts.ts';
import type { ActName } from './profile.ts';
import { providerActs } from './provider-acts.ts';
import { LAB_APPLICATION, type Services } from './services.ts';
import { slowFsync } from './slow-fsync.ts';

export interface NemesisOptions {
  readonly services: Services;
  readonly keeper: Keeper;
  readonly tell: (line: string) => void;
}

/** What the nemesis did. */
export interface Havoc {
  readonly acts: readonly { readonly act: ActName }[];
  /** Acts that this machine does not allow, and why: none of them was done. */
  readonly notRun: Readonly<Partial<Record<ActName, string>>>;
  /** For each FLUSHALL, milliseconds until all work that had been in the queue was there again, under way or done. */
  readonly redispatchMs: readonly number[];
}

/** @param target whom it hits, taken modulo the number of those there are */
export type Act = (target: number, lastsMs: number) => Promise<void> | void;

const LOOK_EVERY_MS = 100;
const TRIES = 600;
/** A FLUSHALL whose work is not back by then is measured as this long; the drain then shows what was lost. */
const FLUSH_PATIENCE_MS = 60_000;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Does the planned acts at their times. Acts overlap when their times do. Resolves when the last one is over. */
export async function runNemesis(plan: readonly PlannedAct[], { services, keeper, tell }: NemesisOptions): Promise<Havoc> {
  const { clocks, database, postgres, redis, simulator, wires } = services;
  const done: { act: ActName }[] = [];
  const notRun: Partial<Record<ActName, string>> = {};
  const redispatchMs: number[] = [];

  /** The lab's own questions must get through, also when they meet an outage. */
  async function patiently<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (tries === TRIES) throw error;
        await sleep(LOOK_EVERY_MS);
      }
    }
  }

  async function chooseBackend(target: number): Promise<number | undefined> {
    const backends = await patiently(() =>
      database.query<{ pid: number }>({
        name: 'lab_backends',
        text: `select pid from pg_stat_activity where backend_type = 'client backend' and datname = current_database()
          and application_name <> '${LAB_APPLICATION}' order by backend_start, pid`,
      }),
    );
    return backends[target % Math.max(1, backends.length)]?.pid;
  }

  async function flush(): Promise<void> {
    const [clock] = await patiently(() =>
      database.query<{ now: string }>({ name: 'lab_clock', text: 'select clock_timestamp()::text as now' }),
    );
    const since = performance.now();
    await redis.flush();
    for (;;) {
      const [left] = await patiently(() =>
        database.query<{ count: bigint }>(
          {
            name: 'lab_not_dispatched_again',
            text: `select count(*) as count from ai_job where state = 'queued' and dispatched_at <= $1::timestamptz and run_after <= $1::timestamptz`,
          },
          [clock?.now],
        ),
      );
      if (left?.count === 0n || performance.now() - since > FLUSH_PATIENCE_MS) break;
      await sleep(LOOK_EVERY_MS);
    }
    redispatchMs.push(performance.now() - since);
  }

  const ACTS: Readonly<Record<ActName, Act>> = {
    worker_sigkill: (target) => keeper.kill(target),
    worker_pause: (target, lastsMs) => keeper.pause(target, lastsMs),
    redis_kill: (_, lastsMs) => redis.killFor(lastsMs),
    redis_flushall: flush,
    async postgres_terminate(target) {
      const pid = await chooseBackend(target);
      await patiently(() => database.query({ name: 'lab_terminate', text: 'select pg_terminate_backend($1)' }, [pid]));
    },
    async postgres_backend_kill(target) {
      const pid = await chooseBackend(target);
      if (pid !== undefined) killIfAlive(pid);
    },
    postgres_postmaster_kill: (_, lastsMs) => postgres.killFor(lastsMs),
    postgres_replies_lost: (target, lastsMs) => wires.postgres.loseReplies(target, lastsMs),
    postgres_disk_full: (_, lastsMs) => postgres.fillDiskFor(lastsMs),
    postgres_slow_fsync: (_, lastsMs) => slowFsync(database, lastsMs),
    worker_clock_jump: (target, lastsMs) => clocks.jump(target, lastsMs),
    ...networkActs(wires),
    ...providerActs(simulator),
  };
  const OBSTACLES: Readonly<Partial<Record<ActName, string | null>>> = {
    postgres_disk_full: postgres.diskObstacle,
    worker_clock_jump: clocks.obstacle,
  };

  const start = performance.now();
  await Promise.all(
    plan.map(async ({ atMs, act, target, lastsMs }) => {
      await sleep(atMs - (performance.now() - start));
      const obstacle = OBSTACLES[act] ?? null;
      if (obstacle !== null) {
        notRun[act] = obstacle;
        return;
      }
      tell(`${act}${lastsMs > 0 ? ` for ${lastsMs} ms` : ''}`);
      await ACTS[act](target, lastsMs);
      done.push({ act });
    }),
  );
  return { acts: done, notRun, redispatchMs };
}
