import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callInChild, type Child, type ChildOptions } from './call-in-child.ts';
import { holdPort } from './free-port.ts';
import { othersCanReach } from './postgres/binaries.ts';
import { findUnprivilegedUser } from './postgres/system-user.ts';
import { isAlive } from './process-alive.ts';
import { startPostgres, type Postgres, type PostgresOptions } from './start-postgres.ts';

const isRoot = process.getuid?.() === 0;
const GONE_WITHIN = { timeout: 20_000, interval: 20 };
let home: string;

beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ai-core-embedded-'));
  chmodSync(home, 0o755);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function startInChild(argument: PostgresOptions, options?: ChildOptions): Promise<Child<Postgres>> {
  return callInChild({
    module: new URL('./start-postgres.ts', import.meta.url),
    name: 'startPostgres',
    argument,
    ...(options ? { options } : {}),
  });
}

async function ended(pid: number): Promise<void> {
  await expect.poll(() => isAlive(pid), GONE_WITHIN).toBe(false);
}

describe('a cluster over several starts', () => {
  let dir: string;
  beforeAll(async () => {
    dir = path.join(home, 'several');
    const postgres = await startPostgres({ dir });
    await query(postgres.url, 'create table kept (name text primary key)');
    await postgres.stop();
  });

  const kept = async (url: string): Promise<unknown[]> =>
    (await query(url, 'select name from kept order by name')).map((row) => row['name']);

  it('keeps what was written, and is set up for UTF-8, UTC and many connections', async () => {
    const first = await startPostgres({ dir });
    await query(first.url, `insert into kept values ('語')`);
    await first.stop();
    await ended(first.pid);
    const second = await startPostgres({ dir });
    expect(await kept(second.url)).toEqual(['語']);
    const settings = await query(
      second.url,
      `select current_setting('server_encoding') encoding, current_setting('TimeZone') zone, current_setting('max_connections') connections,
        current_setting('fsync') fsync, current_setting('listen_addresses') addresses`,
    );
    expect(settings).toEqual([{ encoding: 'UTF8', zone: 'UTC', connections: '300', fsync: 'on', addresses: '127.0.0.1' }]);
    await second.stop();
  });

  it('lets only its owner read the password, and refuses who does not know it', async () => {
    const postgres = await startPostgres({ dir });
    expect(statSync(path.join(postgres.dir, 'ai-core.password')).mode & 0o777).toBe(0o600);
    const url = new URL(postgres.url);
    url.password = 'guess';
    await expect(query(url.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    await postgres.stop();
  });

  it('makes the databases that are asked for, whatever their names', async () => {
    const postgres = await startPostgres({ dir, database: 'odd "name" ü' });
    expect(await query(postgres.url, 'select current_database() name')).toEqual([{ name: 'odd "name" ü' }]);
    await postgres.stop();
  });

  it('is one server for all who start it, and ends with the first of them', async () => {
    const first = await startPostgres({ dir });
    const second = await startPostgres({ dir });
    expect([first.shared, second.shared]).toEqual([false, true]);
    expect(second.pid).toBe(first.pid);
    await second.stop();
    expect(await query(first.url, 'select 1 one')).toEqual([{ one: 1 }]);
    await first.stop();
    await ended(first.pid);
  });

  it('stops when the process that started it is killed, and loses nothing that was committed', async () => {
    const child = await startInChild({ dir });
    await query(child.result.url, `insert into kept values ('before the kill')`);
    await child.kill('SIGKILL');
    await ended(child.result.pid);
    const next = await startPostgres({ dir });
    expect(await kept(next.url)).toContain('before the kill');
    await next.stop();
  });

  it('does not join a server whose owner has just been killed', async () => {
    const child = await startInChild({ dir });
    await child.kill('SIGKILL');
    const next = await startPostgres({ dir });
    expect(next.shared).toBe(false);
    await ended(child.result.pid);
    expect(await query(next.url, 'select 1 one')).toEqual([{ one: 1 }]);
    await next.stop();
  });

  it('recovers after the server itself was killed while clients were connected', async () => {
    const postgres = await startPostgres({ dir });
    const client = new pg.Client({ connectionString: postgres.url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(`insert into kept values ('before the crash')`);
    const busy = client.query('select pg_sleep(600)').catch((error: unknown) => error);
    process.kill(postgres.pid, 'SIGKILL');
    const next = await startPostgres({ dir });
    expect(next.shared).toBe(false);
    expect(await kept(next.url)).toContain('before the crash');
    expect(await busy).toBeInstanceOf(Error);
    await postgres.stop();
    await next.stop();
  });

  it('starts although the file of a killed server names a process that is something else today', async () => {
    const stale = [process.pid, dir, Math.floor(Date.now() / 1000), 5432, '', '127.0.0.1', '0 0', 'ready   ', ''];
    writeFileSync(path.join(dir, 'postmaster.pid'), stale.join('\n'));
    const postgres = await startPostgres({ dir });
    expect(postgres.shared).toBe(false);
    expect(postgres.pid).not.toBe(process.pid);
    await postgres.stop();
  });

  it('listens on the port that is asked for, and says so when it is taken', async () => {
    const held = await holdPort();
    await expect(startPostgres({ dir, port: held.port })).rejects.toThrow(
      `port ${held.port} of 127.0.0.1, wanted for PostgreSQL, is taken`,
    );
    await held.release();
    const postgres = await startPostgres({ dir, port: held.port });
    expect(new URL(postgres.url).port).toBe(String(held.port));
    const socket = net.connect(held.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
    await postgres.stop();
  });

  it('does not start without its password, and leaves the data alone', async () => {
    const copy = path.join(home, 'without-password');
    await (await startPostgres({ dir: copy, fast: true })).stop();
    unlinkSync(path.join(copy, 'ai-core.password'));
    await expect(startPostgres({ dir: copy })).rejects.toThrow('has lost its ai-core.password');
    expect(existsSync(path.join(copy, 'PG_VERSION'))).toBe(true);
    writeFileSync(path.join(copy, 'PG_VERSION'), '12\n');
    await expect(startPostgres({ dir: copy })).rejects.toThrow('is of PostgreSQL 12');
  });
});

describe('the first start', () => {
  it('makes one cluster although two processes start at once', async () => {
    const dir = path.join(home, 'two-at-once');
    const children = await Promise.all([startInChild({ dir, fast: true }), startInChild({ dir, fast: true })]);
    const [left, right] = children.map((child) => child.result);
    expect(right?.pid).toBe(left?.pid);
    expect(children.filter((child) => child.result.shared)).toHaveLength(1);
    for (const child of children) expect(await query(child.result.url, 'select 1 one')).toEqual([{ one: 1 }]);
    expect(readdirSync(home).filter((name) => name.startsWith('two-at-once.'))).toEqual([]);
    for (const child of children) await child.kill('SIGKILL');
    await ended(left?.pid ?? 0);
  });

  it('removes what a first start left behind that was killed half-way', async () => {
    const dir = path.join(home, 'half-made');
    // No process has this number: it is beyond what systems give out.
    const draft = `${dir}.draft-2147483646-0`;
    mkdirSync(draft);
    writeFileSync(path.join(draft, 'PG_VERSION'), '18\n');
    const postgres = await startPostgres({ dir, fast: true });
    await postgres.stop();
    expect(existsSync(draft)).toBe(false);
  });

  it('touches no folder that holds something else', async () => {
    const dir = path.join(home, 'holiday-pictures');
    mkdirSync(dir);
    writeFileSync(path.join(dir, 'beach.jpg'), 'picture');
    await expect(startPostgres({ dir, fast: true })).rejects.toThrow('holds files that are not a PostgreSQL cluster');
    expect(readdirSync(dir)).toEqual(['beach.jpg']);
  });

  it('does not mind a strange locale or variables meant for other clients', async () => {
    const env = { LC_ALL: 'ja_JP.eucJP', LANG: 'C', PGPORT: '1', PGHOST: 'nowhere.invalid', PGDATABASE: 'no' };
    const child = await startInChild({ dir: path.join(home, 'locale'), fast: true }, { env });
    const [row] = await query(child.result.url, `select upper('straße ünï') word, current_setting('server_encoding') encoding`);
    expect(row).toEqual({ word: 'STRAßE ÜNÏ', encoding: 'UTF8' });
    await child.kill('SIGTERM');
    await ended(child.result.pid);
  });

  it('works for a user without rights wherever that user can read the sources', async () => {
    // In a clone that only root can enter, nobody but root can start anything.
    const user = isRoot && othersCanReach(import.meta.filename) ? findUnprivilegedUser() : undefined;
    const own = path.join(home, 'own');
    mkdirSync(own, { mode: 0o777 });
    chmodSync(own, 0o777);
    const child = await startInChild({ dir: path.join(own, 'data'), fast: true }, { ...user });
    expect(await query(child.result.url, 'select 1 one')).toEqual([{ one: 1 }]);
    const runner = user?.uid ?? (isRoot ? findUnprivilegedUser().uid : process.getuid?.());
    expect(statSync(child.result.dir).uid).toBe(runner);
    await child.kill('SIGKILL');
    await ended(child.result.pid);
  });

  it('works in a folder that nobody else can enter, with the narrowest umask', async () => {
    const closed = path.join(home, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const dir = path.join(closed, 'deeper', 'data');
    const first = await startInChild({ dir, fast: true }, { umask: 0o077 });
    await query(first.result.url, 'create table kept (name text)');
    // As root the cluster moves to where PostgreSQL's own user can reach it.
    const where = first.result.dir;
    expect(where.startsWith(isRoot ? '/var/lib/ai-core/' : dir)).toBe(true);
    await first.kill('SIGKILL');
    await ended(first.result.pid);
    const second = await startPostgres({ dir, fast: true });
    expect(second.dir).toBe(where);
    expect(await query(second.url, 'select count(*)::int from kept')).toEqual([{ count: 0 }]);
    await second.stop();
    if (isRoot) rmSync(path.dirname(where), { recursive: true });
  });
});
