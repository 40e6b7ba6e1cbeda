import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A piece of network between the system under test and a server, in which everything can go wrong that goes wrong in networks. */
export interface Wire {
  readonly port: number;
  /**
   * On every second connection: what was sent reaches the server and is done, but no reply comes back; then the connection breaks.
   * Whoever waits cannot know whether what it asked for has happened. A process keeps about half of its connections.
   * @param offset which half
   */
  loseReplies(offset: number, lastsMs: number): Promise<void>;
  /**
   * Nothing gets through in either direction and nobody is told, not even of connections that end meanwhile; new connections are
   * accepted and stay silent. What was sent arrives when it is over, as TCP would send it again, also when its sender has given up.
   */
  goDark(lastsMs: number): Promise<void>;
  /** Everything takes this much longer in each direction, in milliseconds, and stays in order. */
  slowDown(delayMs: number, lastsMs: number): Promise<void>;
  /** Resets every connection there is; new ones are served at once. */
  cut(): void;
  stop(): Promise<void>;
}

/** One direction of a connection. */
interface Lane {
  readonly from: Socket;
  readonly to: Socket;
  /** What waits because the wire is slow, with the moment at which each piece is due, by performance.now(). */
  readonly late: { readonly dueAt: number; readonly piece: Buffer }[];
  /** Its pieces are read and dropped. */
  loses: boolean;
}

interface Line {
  readonly client: Socket;
  readonly server: Socket;
  readonly lanes: readonly [Lane, Lane];
  /** One of its ends has gone; while the wire is dark the other end does not hear of it. */
  broken: boolean;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Lays a wire from a port of its own to a server on this machine. */
export async function layWire(serverPort: number): Promise<Wire> {
  const lines = new Set<Line>();
  /** Acts that keep the wire dark now, and the delays that hold now: acts may overlap. */
  let darkActs = 0;
  const delays: number[] = [];

  function hangUp(line: Line): void {
    line.broken = true;
    if (darkActs > 0) return;
    lines.delete(line);
    line.client.destroy();
    line.server.destroy();
  }

  function write({ from, to }: Lane, piece: Buffer): void {
    if (to.destroyed || to.write(piece)) return;
    from.pause();
    to.once('drain', () => {
      if (darkActs === 0) from.resume();
    });
  }

  function sendLate(lane: Lane): void {
    const next = lane.late[0];
    if (next === undefined) return;
    setTimeout(
      () => {
        if (darkActs === 0) {
          lane.late.shift();
          write(lane, next.piece);
        }
        sendLate(lane);
      },
      Math.max(1, next.dueAt - performance.now()),
    );
  }

  function carry(lane: Lane, piece: Buffer): void {
    if (lane.loses) return;
    const delayMs = Math.max(0, ...delays);
    const behind = lane.late.at(-1);
    if (delayMs === 0 && behind === undefined) {
      write(lane, piece);
      return;
    }
    lane.late.push({ dueAt: Math.max(performance.now() + delayMs, behind?.dueAt ?? 0), piece });
    if (behind === undefined) sendLate(lane);
  }

  function layLine(client: Socket): void {
    const server = connect({ port: serverPort, host: '127.0.0.1', noDelay: true });
    const lane = (from: Socket, to: Socket): Lane => ({ from, to, late: [], loses: false });
    const line: Line = { client: client.setNoDelay(true), server, lanes: [lane(client, server), lane(server, client)], broken: false };
    lines.add(line);
    for (const one of line.lanes) {
      one.from.on('data', (piece: Buffer) => carry(one, piece));
      // A server that is away, a client that was killed: either way the other end hears that the line is dead.
      one.from.on('error', () => hangUp(line));
      one.from.on('close', () => hangUp(line));
      if (darkActs > 0) one.from.pause();
    }
  }

  const listener = createServer(layLine);
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });

  return {
    port: (listener.address() as AddressInfo).port,
    async loseReplies(offset, lastsMs) {
      const chosen = [...lines].filter((_, index) => (index + offset) % 2 === 0);
      for (const { lanes } of chosen) lanes[1].loses = true;
      await sleep(lastsMs);
      for (const line of chosen) hangUp(line);
    },
    async goDark(lastsMs) {
      darkActs++;
      for (const { client, server } of lines) {
        client.pause();
        server.pause();
      }
      await sleep(lastsMs);
      darkActs--;
      if (darkActs > 0) return;
      for (const line of lines) {
        line.client.resume();
        line.server.resume();
        // What the dead end had sent is read first, and then its end.
        if (line.broken) setImmediate(() => hangUp(line));
      }
    },
    async slowDown(delayMs, lastsMs) {
      delays.push(delayMs);
      await sleep(lastsMs);
      delays.splice(delays.indexOf(delayMs), 1);
    },
    cut() {
      for (const line of lines) {
        lines.delete(line);
        line.client.resetAndDestroy();
        line.server.resetAndDestroy();
      }
    },
    async stop() {
      darkActs = 0;
      for (const line of lines) hangUp(line);
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
