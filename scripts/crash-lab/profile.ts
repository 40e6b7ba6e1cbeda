/** Every act of the nemesis; the names are also those of the counts in the report. */
export const ACT_NAMES = [
  'worker_sigkill',
  'worker_pause',
  'redis_kill',
  'redis_flushall',
  'postgres_terminate',
  'postgres_backend_kill',
  'postgres_postmaster_kill',
  'postgres_replies_lost',
] as const;
export type ActName = (typeof ACT_NAMES)[number];

/** How much of everything one run has. */
export interface Profile {
  readonly producers: number;
  readonly workers: number;
  /** Callers' requests, spread over the load in bursts. */
  readonly requests: number;
  /** How long requests come and the nemesis acts, in milliseconds. */
  readonly loadMs: number;
  /** How long the system may take to finish everything afterwards, in milliseconds. */
  readonly drainMs: number;
  readonly acts: Readonly<Record<ActName, number>>;
}

/** Fits into two minutes with setup and check, for CI. */
const SHORT: Profile = {
  producers: 3,
  workers: 4,
  requests: 2_000,
  loadMs: 45_000,
  drainMs: 120_000,
  acts: {
    worker_sigkill: 9,
    worker_pause: 2,
    redis_kill: 1,
    redis_flushall: 1,
    postgres_terminate: 2,
    postgres_backend_kill: 1,
    postgres_postmaster_kill: 1,
    postgres_replies_lost: 4,
  },
};

/** About a quarter of an hour. None lost of 30,000 says with 95 % confidence that fewer than one in 10,000 is (rule of three). */
const LONG: Profile = {
  producers: 3,
  workers: 5,
  requests: 30_000,
  loadMs: 840_000,
  drainMs: 120_000,
  acts: {
    worker_sigkill: 215,
    worker_pause: 24,
    redis_kill: 9,
    redis_flushall: 5,
    postgres_terminate: 8,
    postgres_backend_kill: 5,
    postgres_postmaster_kill: 5,
    postgres_replies_lost: 12,
  },
};

export const PROFILES = { short: SHORT, long: LONG } as const satisfies Record<string, Profile>;
