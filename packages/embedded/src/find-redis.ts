import { askRedis } from './ask-redis.ts';
import { findRedisProgram, installRedis, isNewEnough } from './redis-program.ts';
import { startRedis } from './start-redis.ts';

export interface FindRedisOptions {
  /** Address of a server that runs; nothing else is looked for then. */
  readonly url?: string | undefined;
  /** Install Redis where there is none and this may: root on Debian or Ubuntu. */
  readonly install?: boolean | undefined;
  /** Folders to look in for a server program; default PATH and the usual places. */
  readonly folders?: readonly string[] | undefined;
}

export interface FoundRedis {
  readonly url: string;
  /** Like `7.0.15`. */
  readonly version: string;
  /** Stops a server that was started for this call; leaves a given one alone. */
  stop(): Promise<void>;
}

/**
 * Finds a Redis to work with: the given one, else one started from a program of this machine, throw-away and in memory, that ends
 * with this process.
 * @returns undefined when there is none; REDIS_HINT says what to do then
 * @throws Error when the given server does not answer or is too old, or when a program that is there does not start
 */
export async function findRedis(options: FindRedisOptions = {}): Promise<FoundRedis | undefined> {
  const { url, install = false, folders } = options;
  if (url !== undefined && url !== '') {
    const { version } = await askRedis(url);
    if (!isNewEnough(version)) throw new Error(`the given Redis is ${version}; the queue needs 6.2 or newer`);
    return { url, version, stop: async () => undefined };
  }
  let program = findRedisProgram(folders);
  if (program === undefined && install && installRedis()) program = findRedisProgram(folders);
  return program === undefined ? undefined : startRedis({ program });
}
