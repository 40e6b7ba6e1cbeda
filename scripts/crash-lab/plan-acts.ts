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

const PAUSE_MS = 5_000;
const SHORTEST_OUTAGE_MS = 200;
const LONGEST_OUTAGE_MS = 2_500;
const MOST_TARGETS = 1_000;

const REPLIES_LOST_MS = 300;
const CLOCK_JUMP_MS = 20_000;
const SLOW_FSYNC_MS = 8_000;

/**
 * Acts that hit the same thing are spread over the load together; acts of different groups may well coincide. Workers live through
 * the last tenth: a killed worker gives back all it held, so that work which a living one has lost track of would never be seen.
 */
const GROUPS: readonly { readonly acts: readonly ActName[]; readonly share: number }[] = [
  { acts: ['worker_sigkill'], share: 0.9 },
  { acts: ['worker_pause'], share: 1 },
  {
    acts: ['redis_kill', 'redis_flushall', 'postgres_terminate', 'postgres_backend_kill', 'postgres_postmaster_kill', 'postgres_disk_full'],
    share: 0.9,
  },
  { acts: ['postgres_replies_lost'], share: 1 },
  {
    acts: [
      'postgres_dark',
      'postgres_cut',
      'postgres_slow',
      'redis_dark',
      'redis_cut',
      'redis_slow',
      'objects_dark',
      'objects_cut',
      'objects_slow',
    ],
    share: 0.95,
  },
  // Together: two of them within seconds could use up the tries that a request with one possible model has.
  {
    acts: [
      'provider_dark',
      'provider_cut',
      'provider_slow',
      'provider_errors',
      'provider_overloaded',
      'provider_late_first_byte',
      'provider_stalls',
      'provider_cuts_answers',
    ],
    share: 0.95,
  },
  { acts: ['worker_clock_jump', 'postgres_slow_fsync'], share: 0.9 },
];
/** In that tenth, replies are lost once more for certain. */
const LAST_ACT: ActName = 'postgres_replies_lost';
const LAST_ACT_AT = 0.95;

const outage = (random: Random): number => random.integer(SHORTEST_OUTAGE_MS, LONGEST_OUTAGE_MS);
/** Longer than what our own deadlines leave alone, shorter than a provider's call may take. */
const dark = (random: Random): number => random.integer(3_000, 12_000);
const weather = (random: Random): number => random.integer(4_000, 8_000);

const LASTS: Readonly<Record<ActName, (random: Random) => number>> = {
  worker_sigkill: () => 0,
  worker_pause: () => PAUSE_MS,
  worker_clock_jump: () => CLOCK_JUMP_MS,
  redis_kill: outage,
  redis_flushall: () => 0,
  postgres_terminate: () => 0,
  postgres_backend_kill: () => 0,
  postgres_postmaster_kill: outage,
  postgres_replies_lost: () => REPLIES_LOST_MS,
  postgres_slow_fsync: () => SLOW_FSYNC_MS,
  postgres_disk_full: weather,
  postgres_dark: dark,
  postgres_cut: () => 0,
  postgres_slow: weather,
  redis_dark: dark,
  redis_cut: () => 0,
  redis_slow: weather,
  objects_dark: dark,
  objects_cut: () => 0,
  objects_slow: weather,
  provider_dark: dark,
  provider_cut: () => 0,
  provider_slow: weather,
  provider_errors: weather,
  provider_overloaded: weather,
  provider_late_first_byte: weather,
  provider_stalls: weather,
  provider_cuts_answers: weather,
};

/** Plans every act of a run, in the order of time. */
export function planActs(random: Random, profile: Profile): PlannedAct[] {
  const planned: PlannedAct[] = [];
  for (const group of GROUPS) {
    const acts = random.shuffle(group.acts.flatMap((act) => Array.from({ length: profile.acts[act] }, () => act)));
    const moments = spreadMoments(random, acts.length, profile.loadMs * group.share);
    for (const [index, act] of acts.entries()) {
      planned.push({ atMs: moments[index] ?? 0, act, target: random.integer(0, MOST_TARGETS - 1), lastsMs: LASTS[act](random) });
    }
  }
  const last = planned.findLast(({ act }) => act === LAST_ACT);
  return planned
    .map((one) => (one === last ? { ...one, atMs: Math.floor(profile.loadMs * LAST_ACT_AT) } : one))
    .toSorted((one, two) => one.atMs - two.atMs);
}

/** Acts that would often find idle queues: a flood of new work comes just before each. */
const FLOODED: ReadonlySet<ActName> = new Set<ActName>([
  'redis_kill',
  'redis_flushall',
  'postgres_backend_kill',
  'postgres_postmaster_kill',
]);
/** Long enough for the flood to be accepted, too short for it to be worked off. */
const FLOOD_AHEAD_MS = 150;

/** When floods of new work come, in milliseconds from the start of the load. */
export function planFloods(acts: readonly PlannedAct[]): number[] {
  return acts.filter(({ act }) => FLOODED.has(act)).map(({ atMs }) => Math.max(0, atMs - FLOOD_AHEAD_MS));
}

/** How many acts of each kind a plan has. */
export function countActs(acts: readonly { readonly act: ActName }[]): Record<ActName, number> {
  const counts = Object.fromEntries(ACT_NAMES.map((name) => [name, 0])) as Record<ActName, number>;
  for (const { act } of acts) counts[act]++;
  return counts;
}
