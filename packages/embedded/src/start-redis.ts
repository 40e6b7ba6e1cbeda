import { accessSync, constants } from 'node:fs';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { findFreePort } from './free-port.ts';
import { startTethered } from './tethered-process.ts';

/** What to say when no Redis is found. */
export const REDIS_HINT =
  'install Redis 6.2 or newer (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis), or set REDIS_URL';

const PROGRAMS = ['redis-server', 'valkey-server'];
const FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', '/usr/sbin'];
const OLDEST_MAJOR = 6;

export interface RedisOptions {
  /** Port to listen on; default any free one. A lab that kills and restarts Redis keeps its port. */
  readonly port?: number | undefined;
  /** Keep data in this folder by append-only file; default in memory only. */
  readonly folder?: string | undefined;
}

export interface Redis {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** @returns the path of a Redis or Valkey server on this machine that is new enough, or undefined */
export function findRedisProgram(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== ''), ...FOLDERS];
  for (const program of PROGRAMS) {
    for (const folder of folders) {
      const candidate = path.join(folder, program);
      try {
        accessSync(candidate, constants.X_OK);
      } catch {
        continue;
      }
      const version = /v=(\d+)\./.exec(spawnSync(candidate, ['--version'], { encoding: 'utf8' }).stdout);
      if (Number(version?.[1] ?? 0) >= OLDEST_MAJOR) return candidate;
    }
  }
  return undefined;
}

/** Installs Redis from Debian's or Ubuntu's packages when this is root there. @returns true when it worked */
export function installRedis(): boolean {
  if (process.getuid?.() !== 0) return false;
  const apt = (...args: string[]): boolean =>
    spawnSync('apt-get', ['-qq', ...args], { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
  return apt('update') && apt('install', '-y', '--no-install-recommends', 'redis-server');
}

/**
 * Starts a Redis server for this process; it ends with it.
 * @throws Error saying what to install when there is none
 */
export async function startRedis(options: RedisOptions = {}): Promise<Redis> {
  const program = findRedisProgram();
  if (program === undefined) throw new Error(`no Redis server on this machine: ${REDIS_HINT}`);
  const port = options.port ?? (await findFreePort());
  const persistence =
    options.folder === undefined ? ['--save', '', '--appendonly', 'no'] : ['--save', '', '--appendonly', 'yes', '--dir', options.folder];
  const output: string[] = [];
  const ready = Promise.withResolvers<void>();
  const server = startTethered({
    command: program,
    args: ['--bind', '127.0.0.1', '--port', String(port), ...persistence, '--maxmemory-policy', 'noeviction', '--daemonize', 'no'],
    stopSignal: 'TERM',
    onOutput(text) {
      if (output.length < 100) output.push(text);
      if (text.includes('Ready to accept connections')) ready.resolve();
    },
  });
  await Promise.race([
    ready.promise,
    server.ended.then((code) => {
      throw new Error(`${program} ended with ${code} instead of starting:\n${output.join('')}`);
    }),
  ]);
  server.unref();
  return { url: `redis://127.0.0.1:${port}`, port, stop: () => server.stop() };
}
