/** A small S3 server on the file system for one machine, so that one code path, the AWS SDK, stores objects everywhere. Not for production. */
import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { Answer } from './dev-s3/call.ts';
import { chooseOperation } from './dev-s3/choose-operation.ts';
import { answerPreflight, CROSS_ORIGIN_HEADERS } from './dev-s3/cross-origin.ts';
import { openObjectStore, type ObjectStore } from './dev-s3/object-store.ts';
import { S3Error } from './dev-s3/s3-error.ts';
import { readRequest, withHeadersOfLink } from './dev-s3/s3-request.ts';
import { describeError, sendAnswer } from './dev-s3/send-answer.ts';
import { verifySignature } from './dev-s3/verify-signature.ts';

export interface DevS3Options {
  /** Folder of the objects; made when it is missing. One server at a time uses it. */
  readonly dir: string;
  /** Default any free one. */
  readonly port?: number | undefined;
  /** Address to listen on; default 127.0.0.1, this machine only. */
  readonly host?: string | undefined;
  /** Secrets by access key id. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Buckets to make sure of. */
  readonly buckets?: readonly string[] | undefined;
  /** For tests only: the disk confirms nothing. A crash of the machine then loses objects. */
  readonly fast?: boolean | undefined;
  /** Told one line for each request, without secrets or links. */
  readonly log?: ((line: string) => void) | undefined;
}

export interface DevS3 {
  /** Endpoint for clients; they must use path-style addresses. */
  readonly url: string;
  readonly port: number;
  /** Lets requests under way finish for a moment, then ends. Objects stay. */
  close(): Promise<void>;
}

/** Longer than clients keep an idle connection, so that none is closed while a request is on its way. */
const KEEP_ALIVE_MS = 65_000;
const CLOSE_PATIENCE_MS = 2000;
const SWEEP_EVERY_MS = 20;

/**
 * Starts the server.
 *
 * It verifies AWS Signature Version 4 in headers, links and chunked bodies, and every checksum; it knows buckets, objects, ranges,
 * conditions (`If-None-Match: *` lets exactly one of several writers win), multipart uploads, copies, tags, listings and CORS. It
 * answers 501 to what it does not know: versions, ACLs, policies, encryption keys.
 * @throws Error when the port is taken, another server uses the folder, a bucket's name is not valid, or there are no credentials
 */
export async function startDevS3(options: DevS3Options): Promise<DevS3> {
  const { dir, host = '127.0.0.1', port: wantedPort = 0, buckets = [], fast = false, log = () => undefined } = options;
  const secrets = new Map(Object.entries(options.credentials));
  if (secrets.size === 0) throw new Error('the S3 server needs one access key at least: nobody could sign a request');
  const store = openObjectStore(dir, fast);
  const underWay = new Set<Promise<void>>();
  const server = http.createServer((message, response) => {
    const handled = handleMessage({ message, response, store, secrets, log }).finally(() => underWay.delete(handled));
    underWay.add(handled);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  // An upload may take as long as it takes.
  server.requestTimeout = 0;
  try {
    for (const bucket of buckets) store.index.addBucket(bucket, Date.now());
    const port = await listen(server, wantedPort, host);
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
      port,
      async close() {
        await endServer(server);
        await Promise.all(underWay);
        store.close();
      },
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

interface Exchange {
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
  readonly store: ObjectStore;
  readonly secrets: ReadonlyMap<string, string>;
  readonly log: (line: string) => void;
}

/** Never rejects: whatever goes wrong, the client is told, or its connection ends. */
async function handleMessage(exchange: Exchange): Promise<void> {
  const { message, response, log } = exchange;
  const startedAt = performance.now();
  const requestId = randomUUID();
  const method = message.method ?? '';
  const path = (message.url ?? '').split('?')[0] ?? '';
  let remark = '';
  for (const [name, value] of Object.entries({ ...CROSS_ORIGIN_HEADERS, 'x-amz-request-id': requestId })) response.setHeader(name, value);
  try {
    try {
      await sendAnswer(response, await answerMessage(exchange));
    } catch (error) {
      if (response.headersSent || response.destroyed) throw error;
      if (!(error instanceof S3Error)) remark = ` ${String(error)}`;
      const told = error instanceof S3Error ? error : new S3Error('InternalError');
      remark = ` ${told.code}${remark}`;
      await sendAnswer(response, describeError(told, { method, path, requestId }));
      // What the client still sends is read and dropped: it may not look for the answer before it has sent all.
      message.resume();
    }
  } catch (error) {
    remark = ` connection ended early: ${String(error)}`;
    response.destroy();
  }
  log(`${method} ${path} ${response.statusCode} ${Math.round(performance.now() - startedAt)} ms${remark}`);
}

async function answerMessage({ message, store, secrets }: Exchange): Promise<Answer> {
  if (message.method === 'OPTIONS') return answerPreflight(message.headers);
  const signed = readRequest(message);
  const verified = verifySignature(signed, secrets, Date.now());
  const request = withHeadersOfLink(signed);
  return chooseOperation(request)({ request, verified, store });
}

function listen(server: http.Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

async function endServer(server: http.Server): Promise<void> {
  const ended = new Promise((resolve) => server.close(resolve));
  // A connection that was busy when the server stopped listening becomes idle later, and then stays open.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_EVERY_MS);
  const impatience = setTimeout(() => server.closeAllConnections(), CLOSE_PATIENCE_MS);
  await ended;
  clearInterval(sweep);
  clearTimeout(impatience);
}
