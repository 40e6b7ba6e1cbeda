import { Redis } from 'ioredis';
import { inject } from 'vitest';
import type { Fleet } from './fleet.ts';

/** Everything the database holds outside sealed values, as one text. */
export async function dumpDatabase(fleet: Fleet): Promise<string> {
  const { rows: tables } = await fleet.database.pool.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_schema in ('public', 'bullmq') and table_type = 'BASE TABLE'`,
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await fleet.database.pool.query<{ row: string }>(`select (to_jsonb(t) - 'sealed_values')::text as row from ${name} t`);
    parts.push(...rows.map((row) => row.row));
  }
  return parts.join('\n');
}

/** Everything Redis holds of a fleet, as one text. */
export async function dumpRedis(fleet: Fleet): Promise<string> {
  const redis = new Redis(inject('redisUrl'));
  const parts: string[] = [];
  for (const key of await redis.keys(`${fleet.redisPrefix}*`)) {
    parts.push(key, (await redis.dump(key).catch(() => null))?.toString() ?? '');
    const type = await redis.type(key);
    if (type === 'hash') parts.push(JSON.stringify(await redis.hgetall(key)));
    if (type === 'stream') parts.push(JSON.stringify(await redis.xrange(key, '-', '+')));
    if (type === 'list') parts.push(...(await redis.lrange(key, 0, -1)));
    if (type === 'zset') parts.push(...(await redis.zrange(key, '0', '-1')));
  }
  redis.disconnect();
  return parts.join('\n');
}

/** Names and bytes of every MP3 that the ledger of a fleet names, as one text. */
export async function dumpObjects(fleet: Fleet, read: (key: string) => Promise<Uint8Array>): Promise<string> {
  const { rows } = await fleet.database.pool.query<{ key: string }>(
    `select generated_audio_file as key from ai_memory where generated_audio_file is not null
     union select answer #>> '{audio,file}' from ai_job where answer #>> '{audio,file}' is not null`,
  );
  const parts: string[] = [];
  for (const { key } of rows) parts.push(key, Buffer.from(await read(key)).toString('latin1'));
  return parts.join('\n');
}
