import { ACT_NAMES, type ActName, type Profile } from './profile.ts';
import { spreadMoments, type Random } from './random.ts';

/** One act of the nemesis. */
export interface PlannedAct {
  /** Milliseconds from the start of the load. */
  readonly atMs: number;
  readonly act: ActName;
  /** Whom it hits: taken modulo the number of those there are. */
  readonly target: number;
  /** How long a pause lasts or a service stays away, in milliseconds; 0 where it makes no sense. */
  readonly lastsMs: number;
}

export const PAUSE_MS = 5_000;
const SHORTEST_OUTAGE_MS = 200;
const LONGEST_OUTAGE_MS = 2_500;
const MOST_TARGETS = 1_000;

/** Acts that hit the same thing are spread over the whole load together; acts of different groups may well coincide. */
const GROUPS: readonly (readonly ActName[])[] = [
  ['worker_sigkill'],
  ['worker_pause'],
  ['redis_kill', 'redis_flushall', 'postgres_terminate', 'postgres_backend_kill', 'postgres_postmaster_kill'],
];

const LASTS: Readonly<Record<ActName, (random: Random) => number>> = {
  worker_sigkill: () => 0,
  worker_pause: () => PAUSE_MS,
  redis_kill: (random) => random.integer(SHORTEST_OUTAGE_MS, LONGEST_OUTAGE_MS),
  redis_flushall: () => 0,
  postgres_terminate: () => 0,
  postgres_backend_kill: () => 0,
  postgres_postmaster_kill: (random) => random.integer(SHORTEST_OUTAGE_MS, LONGEST_OUTAGE_MS),
};

/** Plans every act of a run, in the order of time. */
export function planActs(random: Random, profile: Profile): PlannedAct[] {
  const planned: PlannedAct[] = [];
  for (const group of GROUPS) {
    const acts = random.shuffle(group.flatMap((act) => Array.from({ length: profile.acts[act] }, () => act)));
    const moments = spreadMoments(random, acts.length, profile.loadMs);
    for (const [index, act] of acts.entries()) {
      planned.push({ atMs: moments[index] ?? 0, act, target: random.integer(0, MOST_TARGETS - 1), lastsMs: LASTS[act](random) });
    }
  }
  return planned.toSorted((one, two) => one.atMs - two.atMs);
}

/** How many acts of each kind a plan has. */
export function countActs(acts: readonly { readonly act: ActName }[]): Record<ActName, number> {
  const counts = Object.fromEntries(ACT_NAMES.map((name) => [name, 0])) as Record<ActName, number>;
  for (const { act } of acts) counts[act]++;
  return counts;
}
