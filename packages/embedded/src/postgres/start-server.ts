import path from 'node:path';
import { findFreePort } from '../free-port.ts';
import { startTethered, type TetheredProcess } from '../tethered-process.ts';
import { SERVER_ENVIRONMENT } from './cluster.ts';
import type { Place } from './place.ts';
import { findServer, ownerSetting, removeStalePidFile } from './running-server.ts';
import { serverSettings } from './settings.ts';

export const HOST = '127.0.0.1';

export interface StartOptions {
  readonly fast: boolean;
  /** Undefined = any free one. */
  readonly port: number | undefined;
  readonly log: (line: string) => void;
}

export interface Server {
  readonly pid: number;
  readonly port: number;
  /** Present when this call started it. */
  readonly process?: TetheredProcess | undefined;
}

/** Crash recovery of a large cluster takes its time. */
const PATIENCE_MS = 120_000;
/** A server whose owner has gone stops by itself; only when its tether was cut must it be told. */
const ORPHAN_PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 20;
const RETRY_AFTER_MS = 200;
const KEPT_OUTPUT = 100;

const PORT_TAKEN = /could not bind|could not create any TCP\/IP sockets/;
/** Processes of a killed server still live, or another process has just started one. */
const CLUSTER_IN_USE = /pre-existing shared memory block|lock file "postmaster\.pid"/;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until a server that starts is up, or one that stops is gone. */
async function joinRunningServer(place: Place): Promise<Server | undefined> {
  const startedAt = performance.now();
  let told = false;
  for (let server = findServer(place); server !== undefined; server = findServer(place)) {
    if (server.status === 'ready' && !server.orphaned) return { pid: server.pid, port: server.port };
    const waitedMs = performance.now() - startedAt;
    if (server.orphaned && !told && waitedMs > ORPHAN_PATIENCE_MS) {
      process.kill(server.pid, 'SIGINT');
      told = true;
    }
    if (waitedMs > PATIENCE_MS) {
      throw new Error(
        `the PostgreSQL on ${place.folder} (process ${server.pid}) is neither up nor down after two minutes; stop it by hand`,
      );
    }
    await sleep(LOOK_EVERY_MS);
  }
  return undefined;
}

interface Attempt {
  readonly server?: Server;
  readonly output: string;
}

async function tryToStart(place: Place, port: number, { fast, log }: StartOptions): Promise<Attempt> {
  const output: string[] = [];
  const settings = [...serverSettings({ host: HOST, fast }), ownerSetting(process.pid)];
  const tethered = startTethered({
    command: path.join(place.binaries, 'bin', 'postgres'),
    args: ['-D', place.folder, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    cwd: place.folder,
    env: SERVER_ENVIRONMENT,
    stopSignal: 'INT',
    onOutput(text) {
      output.push(text);
      if (output.length > KEPT_OUTPUT) output.shift();
      log(text.trimEnd());
    },
    ...place.user,
  });
  while (!tethered.hasEnded()) {
    const server = findServer(place);
    if (server?.status === 'ready' && server.port === port && server.ownerPid === process.pid) {
      tethered.unref();
      return { server: { pid: server.pid, port, process: tethered }, output: '' };
    }
    await Promise.race([tethered.ended, sleep(LOOK_EVERY_MS)]);
  }
  return { output: output.join('') };
}

/**
 * Uses the server that runs on the cluster, or starts one that ends with this process.
 * @throws Error with the server's own words when it does not start
 */
export async function joinOrStartServer(place: Place, options: StartOptions): Promise<Server> {
  const startedAt = performance.now();
  for (;;) {
    const running = await joinRunningServer(place);
    if (running) {
      options.log(`using the PostgreSQL that already runs on port ${running.port}`);
      return running;
    }
    removeStalePidFile(place);
    // Another program may take the port between the look and the start: then try another one.
    const port = options.port ?? (await findFreePort(HOST));
    const { server, output } = await tryToStart(place, port, options);
    if (server) return server;
    const portTaken = PORT_TAKEN.test(output);
    if (portTaken && options.port !== undefined) {
      throw new Error(`port ${port} of ${HOST}, wanted for PostgreSQL, is taken; give it another one, or none for any free one`);
    }
    const worthWaiting = portTaken || CLUSTER_IN_USE.test(output) || findServer(place) !== undefined;
    if (!worthWaiting || performance.now() - startedAt > PATIENCE_MS)
      throw new Error(`PostgreSQL did not start on ${place.folder}:\n${output}`);
    await sleep(RETRY_AFTER_MS);
  }
}
