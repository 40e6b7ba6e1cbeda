/** Services for one machine without any installation. */
export { startDevS3 } from './dev-s3.ts';
export type { DevS3, DevS3Options } from './dev-s3.ts';
export { findRedis } from './find-redis.ts';
export type { FindRedisOptions, FoundRedis } from './find-redis.ts';
export { findFreePort, holdPort } from './free-port.ts';
export type { HeldPort } from './free-port.ts';
export { findRedisProgram, installRedis, REDIS_HINT } from './redis-program.ts';
export { startPostgres } from './start-postgres.ts';
export type { Postgres, PostgresOptions } from './start-postgres.ts';
export { startRedis } from './start-redis.ts';
export type { Redis, RedisOptions } from './start-redis.ts';
export { startTethered } from './tethered-process.ts';
export type { TetheredOptions, TetheredProcess } from './tethered-process.ts';
