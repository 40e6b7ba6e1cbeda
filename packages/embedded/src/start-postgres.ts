import { ensureCluster, USER } from './postgres/cluster.ts';
import { ensureDatabase, saysServerIsGone } from './postgres/ensure-database.ts';
import { preparePlace } from './postgres/place.ts';
import { HOST, joinOrStartServer } from './postgres/start-server.ts';

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
  /** True when another call owns the server: it ends with that one. */
  readonly shared: boolean;
  /** Process id of the server. */
  readonly pid: number;
  /** Stops the server when this call started it. */
  stop(): Promise<void>;
}

/** Each time means that a server went away just when it was joined. */
const JOIN_TRIES = 5;

/**
 * Starts the real PostgreSQL that an npm package carries, as root or not, and makes sure of one database. A server that already
 * runs on the folder is used. The server ends when the process that started it ends, however that happens; after any crash the next
 * start recovers.
 * @throws Error that says what to do: no binaries for this platform, a folder of somebody else, a cluster of another version, a
 * taken port
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { database = 'ai_core', fast = false, port, log = () => undefined } = options;
  const place = preparePlace(options.dir, log);
  const password = await ensureCluster(place, fast);
  for (let attempt = 1; ; attempt++) {
    const server = await joinOrStartServer(place, { fast, port, log });
    const urlOf = (name: string): string => `postgres://${USER}:${password}@${HOST}:${server.port}/${encodeURIComponent(name)}`;
    try {
      await ensureDatabase(urlOf('postgres'), database);
    } catch (error) {
      await server.process?.stop();
      if (server.process === undefined && saysServerIsGone(error) && attempt < JOIN_TRIES) continue;
      throw error;
    }
    return {
      url: urlOf(database),
      port: server.port,
      dir: place.folder,
      pid: server.pid,
      shared: server.process === undefined,
      stop: async () => server.process?.stop(),
    };
  }
}
