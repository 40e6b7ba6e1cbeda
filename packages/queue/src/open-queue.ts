import type { QueueBackend } from './backend.ts';
import { openPostgresBackend } from './backend/postgres.ts';
import { openRedisBackend } from './backend/redis.ts';

export interface OpenQueueOptions {
  readonly databaseUrl: string;
  /** Set: the queue lives on Redis. Not set: in Postgres. */
  readonly redisUrl?: string | undefined;
  readonly redisPrefix?: string | undefined;
  readonly maxConnections?: number | undefined;
  readonly onError: (error: Error) => void;
}

/** Opens the queue on Redis when a URL is given, otherwise in Postgres. */
export function openQueue(options: OpenQueueOptions): Promise<QueueBackend> {
  return options.redisUrl === undefined || options.redisUrl === ''
    ? openPostgresBackend({ url: options.databaseUrl, maxConnections: options.maxConnections, onError: options.onError })
    : openRedisBackend({ url: options.redisUrl, prefix: options.redisPrefix, onError: options.onError });
}
