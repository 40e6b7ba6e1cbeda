import net from 'node:net';
import { AiCoreError } from '@ai-core/core';

const LAST_PORT = 65_535;

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

export interface PortWish {
  readonly host: string;
  /** Which door it is for, in words. */
  readonly door: string;
  /** The command line's option for it. */
  readonly option: string;
  /** What was asked for by that option; 0 = any free one. */
  readonly demanded: number | undefined;
  /** The configured one: where it is taken, the next free one will do. */
  readonly usual: number;
  /** Told when it is not the usual one. */
  readonly note: (text: string) => void;
}

/** @throws REQUEST_INVALID when a port that was asked for by its option is taken */
export async function checkDemandedPort({ host, door, option, demanded }: Omit<PortWish, 'note' | 'usual'>): Promise<void> {
  if (demanded === undefined || demanded === 0 || (await isFree(host, demanded))) return;
  throw new AiCoreError(
    'REQUEST_INVALID',
    `port ${demanded} of ${host} is taken; give ${option} another one, or leave it out and the ${door} finds a free one`,
  );
}

/**
 * The port for a door: the demanded one, or the usual one, or the next free one after it.
 * @returns 0 = any free one
 * @throws REQUEST_INVALID when the demanded port is taken
 */
export async function choosePort(wish: PortWish): Promise<number> {
  await checkDemandedPort(wish);
  if (wish.demanded !== undefined) return wish.demanded;
  for (let port = wish.usual; port <= LAST_PORT; port++) {
    if (!(await isFree(wish.host, port))) continue;
    if (port !== wish.usual) wish.note(`port ${wish.usual} is taken: the ${wish.door} uses ${port}`);
    return port;
  }
  return 0;
}
