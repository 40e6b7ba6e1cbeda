import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { askRedis } from './ask-redis.ts';
import { findFreePort } from './free-port.ts';
import { findRedisProgram, REDIS_HINT } from './redis-program.ts';
import { startTethered, type TetheredProcess } from './tethered-process.ts';

export interface RedisOptions {
  /** Port to listen on; default any free one. A lab that kills and restarts Redis keeps its port. */
  readonly port?: number | undefined;
  /** Keep data in this folder by append-only file; default in memory only. */
  readonly folder?: string | undefined;
  /** How often the append-only file is flushed; default everysec, as Redis itself. */
  readonly appendFsync?: 'always' | 'everysec' | 'no' | undefined;
  /** Server program; default the one found on this machine. */
  readonly program?: string | undefined;
}

export interface Redis {
  readonly url: string;
  readonly port: number;
  /** Version of the server, like `7.0.15`. */
  readonly version: string;
  /** Process id of the server. */
  readonly pid: number;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const START_TRIES = 5;
const PORT_TAKEN = /Address already in use|Could not create server TCP listening socket|Failed listening on port/i;
const KEPT_OUTPUT = 100;

function settingsFor(options: RedisOptions, port: number): string[] {
  const { folder, appendFsync = 'everysec' } = options;
  const persistence = folder === undefined ? ['--appendonly', 'no'] : ['--appendonly', 'yes', '--appendfsync', appendFsync];
  const place = ['--bind', HOST, '--port', String(port), '--dir', folder ?? tmpdir()];
  // noeviction: a queue that silently loses keys loses work.
  return [...place, '--save', '', ...persistence, '--maxmemory-policy', 'noeviction', '--daemonize', 'no'];
}

interface Attempt {
  readonly server?: TetheredProcess;
  readonly output: string;
}

async function tryToStart(program: string, settings: readonly string[]): Promise<Attempt> {
  const output: string[] = [];
  const ready = Promise.withResolvers<void>();
  const server = startTethered({
    command: program,
    args: settings,
    stopSignal: 'TERM',
    onOutput(text) {
      if (output.length < KEPT_OUTPUT) output.push(text);
      if (text.includes('Ready to accept connections')) ready.resolve();
    },
  });
  await Promise.race([ready.promise, server.ended]);
  return server.hasEnded() ? { output: output.join('') } : { server, output: '' };
}

/**
 * Starts a Redis or Valkey server for this process; it ends with it.
 * @throws Error saying what to install when there is none, or with the server's own words when it does not start
 */
export async function startRedis(options: RedisOptions = {}): Promise<Redis> {
  const program = options.program ?? findRedisProgram();
  if (program === undefined) throw new Error(`there is no Redis server on this machine: ${REDIS_HINT}`);
  if (options.folder !== undefined) mkdirSync(options.folder, { recursive: true });
  for (let attempt = 1; ; attempt++) {
    // Another program may take the port between the look and the start: then try another one.
    const port = options.port ?? (await findFreePort(HOST));
    const { server, output } = await tryToStart(program, settingsFor(options, port));
    if (!server) {
      if (options.port === undefined && attempt < START_TRIES && PORT_TAKEN.test(output)) continue;
      throw new Error(`${program} did not start on port ${port}:\n${output}`);
    }
    server.unref();
    const url = `redis://${HOST}:${port}`;
    try {
      return { url, port, ...(await askRedis(url)), stop: () => server.stop() };
    } catch (error) {
      await server.stop();
      throw error;
    }
  }
}
