import { findFreePort, startPostgres, startRedis, type Postgres } from '@ai-core/embedded';
import { Redis } from 'ioredis';
import type { SmallDisk } from './small-disk.ts';

/** A server that can be killed and comes back with its data on the same port. */
export interface MortalServer {
  readonly url: string;
  /** Kills the server at once, leaves it away for a while and starts it again. */
  killFor(outageMs: number): Promise<void>;
  stop(): Promise<void>;
}

export interface MortalPostgres extends MortalServer {
  /** Why its disk cannot be filled; null = it can. */
  readonly diskObstacle: string | null;
  /**
   * Fills its disk, and frees it after a while. A server that ends of it is started again until it runs, as an orchestrator does:
   * while the disk is full that fails.
   */
  fillDiskFor(lastsMs: number): Promise<void>;
}

export interface MortalRedis extends MortalServer {
  flush(): Promise<void>;
}

const RESTART_PATIENCE_MS = 60_000;
const RETRY_MS = 100;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Starts a server again; what the killed one leaves behind (backends that are just ending) may take a moment. */
async function startAgain<Server>(start: () => Promise<Server>): Promise<Server> {
  const deadline = performance.now() + RESTART_PATIENCE_MS;
  for (;;) {
    try {
      return await start();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** It may have ended by itself meanwhile. @returns false when it had */
export function killIfAlive(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}

/** @param disk where the folder is, when the disk is one that can be filled */
export async function startMortalPostgres(dir: string, disk: SmallDisk | undefined): Promise<MortalPostgres> {
  // As in production, with fsync: what was committed must survive.
  const first = await startPostgres({ dir });
  const { url, port } = first;
  /** Every server that was started here; only the last one runs. */
  const started: Postgres[] = [first];
  let pid = first.pid;

  /** Starts a server unless one runs. */
  async function ensure(): Promise<void> {
    const server = await startAgain(() => startPostgres({ dir, port }));
    if (!server.shared) started.push(server);
    pid = server.pid;
  }

  return {
    url,
    diskObstacle: disk === undefined ? 'the disk of Postgres is not one that can be filled' : disk.obstacle,
    async killFor(outageMs) {
      killIfAlive(pid);
      await sleep(outageMs);
      await ensure();
    },
    async fillDiskFor(lastsMs) {
      await disk?.fill();
      await sleep(lastsMs);
      disk?.free();
      await ensure();
    },
    async stop() {
      for (const server of started) await server.stop();
    },
  };
}

export async function startMortalRedis(folder: string): Promise<MortalRedis> {
  let server = await startRedis({ folder, port: await findFreePort() });
  const { url, port } = server;
  const client = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => RETRY_MS });
  // Its death is the point of the exercise.
  client.on('error', () => undefined);
  return {
    url,
    async killFor(outageMs) {
      killIfAlive(server.pid);
      await sleep(outageMs);
      server = await startAgain(() => startRedis({ folder, port }));
    },
    flush: async () => void (await client.flushall()),
    async stop() {
      client.disconnect();
      await server.stop();
    },
  };
}
