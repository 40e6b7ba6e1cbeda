import { randomInt } from 'node:crypto';
import net from 'node:net';

/** A port that nobody else can take until it is released. */
export interface HeldPort {
  readonly port: number;
  release(): Promise<void>;
}

/**
 * Ports are chosen at random and below those that systems hand out for outgoing connections (32768 on Linux, 49152 elsewhere):
 * neither a connection nor another search in the same moment is likely to take the same one.
 */
const LOWEST_PORT = 15_000;
const HIGHEST_PORT = 32_767;
const TRIES = 50;

function tryToHold(port: number, host: string): Promise<HeldPort | undefined> {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen(port, host, () => {
      server.unref();
      resolve({ port, release: () => new Promise((released) => server.close(() => released())) });
    });
  });
}

/**
 * Binds a port until it is released, so that several searchers cannot be given the same one.
 * @param host address to bind; default 127.0.0.1
 * @throws Error when no port is free or the address is not one of this machine
 */
export async function holdPort(host = '127.0.0.1'): Promise<HeldPort> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const held = await tryToHold(randomInt(LOWEST_PORT, HIGHEST_PORT + 1), host);
    if (held) return held;
  }
  throw new Error(`no free port on ${host} between ${LOWEST_PORT} and ${HIGHEST_PORT} in ${TRIES} tries; stop programs that listen there`);
}

/** @returns a port that was free a moment ago, for a program that binds it itself; whoever uses it must cope with having lost it */
export async function findFreePort(host = '127.0.0.1'): Promise<number> {
  const { port, release } = await holdPort(host);
  await release();
  return port;
}
