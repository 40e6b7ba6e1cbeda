import pg from 'pg';
import { findFreePort } from './free-port.ts';
import { ensureCluster, isServerOf, program, readPidFile, removePidFile, serverEnvironment, USER } from './postgres/cluster.ts';
import { preparePlace, type Place } from './postgres/place.ts';
import { startTethered, type TetheredProcess } from './tethered-process.ts';

export interface PostgresOptions {
  /** Folder of the cluster; made when it is missing. */
  readonly dir: string;
  /** Database to make sure of; default `ai_core`. */
  readonly database?: string | undefined;
  /** For tests only: no fsync. A crash of the machine then loses data. */
  readonly fast?: boolean | undefined;
  /** Port to listen on; default any free one. */
  readonly port?: number | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

export interface Postgres {
  readonly url: string;
  readonly port: number;
  /** Where the cluster really lives. */
  readonly dir: string;
  /** True when another process owns the server: it ends with that one. */
  readonly shared: boolean;
  /** Process id of the server. */
  readonly pid: number;
  /** Stops the server when this process owns it. */
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const START_TRIES = 3;
const PATIENCE_MS = 60_000;
const LOOK_EVERY_MS = 25;

/** Sized for one machine that also runs everything else. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: HOST,
  unix_socket_directories: '',
  max_connections: '300',
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
};
const FAST_SETTINGS: Readonly<Record<string, string>> = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Starts the real PostgreSQL that an npm package carries, as root or not, and makes sure of one database. A server that already
 * runs on the folder is used. The server ends when the process that started it ends, however that happens.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { database = 'ai_core', fast = false, log = () => undefined } = options;
  const place = preparePlace(options.dir, log);
  const password = ensureCluster(place, fast);
  const urlOf = (port: number, name: string): string => `postgres://${USER}:${password}@${HOST}:${port}/${name}`;

  const running = await findRunningServer(place, log);
  const server = running ?? (await startServer(place, { fast, port: options.port, log }));
  await ensureDatabase(urlOf(server.port, 'postgres'), database);
  return {
    url: urlOf(server.port, database),
    port: server.port,
    dir: place.folder,
    pid: server.pid,
    shared: server.process === undefined,
    stop: async () => server.process?.stop(),
  };
}

interface StartOptions {
  readonly fast: boolean;
  readonly port: number | undefined;
  readonly log: (line: string) => void;
}

interface Server {
  readonly pid: number;
  readonly port: number;
  readonly process: TetheredProcess | undefined;
}

/** Waits for a server that is starting or stopping; removes the traces of one that was killed. */
async function findRunningServer(place: Place, log: (line: string) => void): Promise<Server | undefined> {
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_EVERY_MS) {
    const pidFile = readPidFile(place);
    if (pidFile === undefined) return undefined;
    if (!isServerOf(place, pidFile)) {
      log('removing what a killed server left behind');
      removePidFile(place);
      return undefined;
    }
    if (pidFile.status === 'ready') {
      log(`using the PostgreSQL that already runs on port ${pidFile.port}`);
      return { pid: pidFile.pid, port: pidFile.port, process: undefined };
    }
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`a PostgreSQL server on ${place.folder} has been neither up nor down for a minute`);
}

async function startServer(place: Place, { fast, port: wanted, log }: StartOptions): Promise<Server> {
  const settings = { ...SETTINGS, ...(fast ? FAST_SETTINGS : {}) };
  const output: string[] = [];
  for (let attempt = 1; attempt <= START_TRIES; attempt++) {
    // Another program may take the port between the look and the start: then try another one.
    const port = wanted ?? (await findFreePort(HOST));
    const server = startTethered({
      command: program(place, 'postgres'),
      args: ['-D', place.folder, '-p', String(port), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      cwd: place.folder,
      env: serverEnvironment(),
      stopSignal: 'INT',
      onOutput(text) {
        output.push(text);
        if (output.length > 100) output.shift();
        log(text.trimEnd());
      },
      ...place.user,
    });
    while (!server.hasEnded()) {
      const pidFile = readPidFile(place);
      if (pidFile?.status === 'ready' && pidFile.port === port) {
        server.unref();
        return { pid: pidFile.pid, port, process: server };
      }
      await Promise.race([server.ended, sleep(LOOK_EVERY_MS)]);
    }
    // Two processes that start at once: the one that came second uses the first one's server.
    const other = await findRunningServer(place, log);
    if (other !== undefined) return other;
  }
  throw new Error(`PostgreSQL did not start:\n${output.join('')}`);
}

async function ensureDatabase(maintenanceUrl: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: maintenanceUrl, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (rowCount === 0) {
      await client.query(`create database ${client.escapeIdentifier(name)}`).catch((error: { code?: string }) => {
        // 42P04, 23505: another process made it in the same moment.
        if (error.code !== '42P04' && error.code !== '23505') throw error;
      });
    }
  } finally {
    await client.end();
  }
}
