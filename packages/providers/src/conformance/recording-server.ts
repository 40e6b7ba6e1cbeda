import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it came over the wire. */
export interface Recorded {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  /** Parsed JSON; null where there was no body. */
  readonly body: unknown;
}

export interface RecordingServer extends AsyncDisposable {
  readonly url: string;
  readonly recorded: readonly Recorded[];
}

export interface CannedAnswer {
  readonly status?: number;
  readonly type: string;
  readonly body: string | Uint8Array;
}

/** Starts a server that writes down what it is sent, for tests of the bytes that go to a vendor. */
export async function startRecordingServer(answer: (request: Recorded) => CannedAnswer): Promise<RecordingServer> {
  const recorded: Recorded[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const entry: Recorded = { url: request.url ?? '', headers: request.headers, body: text === '' ? null : JSON.parse(text) };
      recorded.push(entry);
      const { status = 200, type, body } = answer(entry);
      response.writeHead(status, { 'content-type': type, 'character-cost': '12' }).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    recorded,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
