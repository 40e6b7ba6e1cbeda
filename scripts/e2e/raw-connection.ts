/** One kept-alive connection to an HTTP server, byte by byte: requests may be pipelined, and broken off anywhere. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface RawConnection {
  write(bytes: string): void;
  /** The answers that have come whole, in order. */
  readonly answers: readonly RawAnswer[];
  /** Waits until so many answers have come, or the connection has ended. */
  received(count: number): Promise<void>;
  /** Ends the connection without a word. */
  cut(): void;
}

const HEAD_END = '\r\n\r\n';

interface Head {
  readonly status: number;
  readonly headers: Map<string, string>;
  readonly length: number;
}

function readHead(text: string): Head | undefined {
  const end = text.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const [first = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  return { status: Number(first.split(' ')[1]), headers, length: end + HEAD_END.length };
}

/** @returns the body and where it ends; undefined = not all of it is there. */
function readBody(text: string, { headers, length }: Head): { readonly body: string; readonly end: number } | undefined {
  if (headers.get('transfer-encoding') !== 'chunked') {
    const end = length + Number(headers.get('content-length') ?? 0);
    return text.length < end ? undefined : { body: text.slice(length, end), end };
  }
  let body = '';
  for (let at = length; ;) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(text.slice(at, line), 16);
    const end = line + 2 + size + 2;
    if (text.length < end) return undefined;
    if (size === 0) return { body, end };
    body += text.slice(line + 2, line + 2 + size);
    at = end;
  }
}

function takeAnswers(text: string, into: RawAnswer[]): string {
  let rest = text;
  for (;;) {
    const head = readHead(rest);
    const found = head && readBody(rest, head);
    if (head === undefined || found === undefined) return rest;
    into.push({ status: head.status, headers: head.headers, body: Buffer.from(found.body, 'latin1').toString('utf8') });
    rest = rest.slice(found.end);
  }
}

/** Opens a connection to a port of this machine. */
export async function openRawConnection(port: number): Promise<RawConnection> {
  const socket: Socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const answers: RawAnswer[] = [];
  let rest = '';
  let changed = Promise.withResolvers<void>();
  let isOpen = true;
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    rest = takeAnswers(rest + chunk, answers);
    changed.resolve();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    isOpen = false;
    changed.resolve();
  });
  return {
    answers,
    write: (bytes) => void socket.write(bytes),
    async received(count) {
      while (isOpen && answers.length < count) {
        changed = Promise.withResolvers<void>();
        await changed.promise;
      }
    },
    cut: () => void socket.destroy(),
  };
}
