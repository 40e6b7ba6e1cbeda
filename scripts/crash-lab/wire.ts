import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A piece of network between the system under test and a server, which can be cut. */
export interface Wire {
  readonly port: number;
  /**
   * On every second connection: what was sent reaches the server and is done, but no reply comes back; then the connection breaks.
   * Whoever waits cannot know whether what it asked for has happened. A process keeps about half of its connections.
   * @param offset which half
   */
  loseReplies(offset: number, lastsMs: number): Promise<void>;
  stop(): Promise<void>;
}

interface Line {
  readonly client: Socket;
  readonly server: Socket;
}

/** Lays a wire from a port of its own to a server on this machine. */
export async function layWire(serverPort: number): Promise<Wire> {
  const lines = new Set<Line>();

  function hangUp(line: Line): void {
    lines.delete(line);
    line.client.destroy();
    line.server.destroy();
  }

  const listener = createServer((client) => {
    const server = connect({ port: serverPort, host: '127.0.0.1', noDelay: true });
    const line = { client: client.setNoDelay(true), server };
    lines.add(line);
    for (const end of [client, server]) {
      // A server that is away, a client that was killed: either way the other end hears that the line is dead.
      end.on('error', () => hangUp(line));
      end.on('close', () => hangUp(line));
    }
    client.pipe(server);
    server.pipe(client);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });

  return {
    port: (listener.address() as AddressInfo).port,
    async loseReplies(offset, lastsMs) {
      const cut = [...lines].filter((_, index) => (index + offset) % 2 === 0);
      for (const { client, server } of cut) server.unpipe(client);
      await new Promise((resolve) => setTimeout(resolve, lastsMs));
      for (const line of cut) hangUp(line);
    },
    async stop() {
      for (const line of lines) hangUp(line);
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}
