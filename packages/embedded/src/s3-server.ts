import { randomUUID } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { readAddress } from './s3-server/address.ts';
import { authenticate } from './s3-server/authenticate.ts';
import { claimFolder, INSTANCE_HEADER, refuseSharedFolder } from './s3-server/claim-folder.ts';
import { allowOrigin, answerPreflight } from './s3-server/cross-origin.ts';
import { createMultipartUploads } from './s3-server/multipart-uploads.ts';
import { openObjectFolder } from './s3-server/object-folder.ts';
import { route } from './s3-server/router.ts';
import { S3Error } from './s3-server/s3-error.ts';
import { textElement } from './s3-server/xml.ts';

export interface DevS3Options {
  /** Folder for the objects; made when it is missing. One server per folder. */
  readonly dir: string;
  /** Default any free port. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Secret access key of each access key id that may use the server, for everything. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Buckets to make sure of. */
  readonly buckets?: readonly string[] | undefined;
  /** For tests only: do not flush to the disk. A crash of the machine then loses objects. */
  readonly fast?: boolean | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

export interface DevS3 {
  /** Endpoint for an S3 client, path style. */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** An error that says nothing to the caller: who has hung up hears no answer. */
function isHangUp(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET';
}

function sendError(request: IncomingMessage, response: ServerResponse, error: S3Error): void {
  // What the caller is still sending must be read, or it never gets to reading the answer.
  request.resume();
  if (error.status === 304) {
    response.writeHead(304, error.headers).end();
    return;
  }
  const details = [
    textElement('Code', error.code),
    textElement('Message', error.message),
    textElement('RequestId', String(response.getHeader('x-amz-request-id'))),
  ];
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${details.join('')}</Error>`;
  const headers = { ...error.headers, 'content-type': 'application/xml', 'content-length': String(Buffer.byteLength(xml)) };
  response.writeHead(error.status, headers).end(request.method === 'HEAD' ? undefined : xml);
}

function listen(server: http.Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/**
 * Starts a small S3 server on a folder: for one machine and for tests, not for production (one process, no replication, one level
 * of rights, plain HTTP). It checks what real S3 checks - signatures, dates, checksums, conditions - and answers 501 to what it
 * does not know, so that code which works here works there.
 * @throws Error when the port is taken or another server serves the folder
 */
export async function startDevS3(options: DevS3Options): Promise<DevS3> {
  const { dir, credentials, host = '127.0.0.1', log = () => undefined } = options;
  mkdirSync(dir, { recursive: true });
  await refuseSharedFolder(dir);
  const instance = randomUUID();
  const uploads = createMultipartUploads();
  const folder = openObjectFolder({ dir, fast: options.fast ?? false, log });
  for (const bucket of options.buckets ?? []) folder.makeBucket(bucket);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? '';
    const address = readAddress(request.url ?? '/');
    const authentication = authenticate({ method, address, headers: request.headersDistinct }, { credentials, now: Date.now() });
    const operation = route(method, address, request.headers);
    await operation({ request, response, address, authentication, folder, uploads });
    // Bodies that an operation has no use for.
    request.resume();
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('server', 'ai-core-dev-s3');
    response.setHeader('x-amz-request-id', randomUUID());
    response.setHeader(INSTANCE_HEADER, instance);
    allowOrigin(request, response);
    if (answerPreflight(request, response)) return;
    // Never the query: a presigned link in a log would be a key lying around.
    const line = `${request.method} ${request.url?.split('?', 1)[0]}`;
    try {
      await answer(request, response);
      log(`${line} ${response.statusCode}`);
    } catch (error) {
      if (response.headersSent || isHangUp(error)) {
        log(`${line} broken off`);
        response.destroy();
        return;
      }
      const refusal = error instanceof S3Error ? error : new S3Error('InternalError', { message: `Internal error: ${String(error)}` });
      log(`${line} ${refusal.status} ${refusal.code} ${refusal.message}`);
      sendError(request, response, refusal);
    }
  }

  const server = http.createServer((request, response) => void serve(request, response));
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    response.writeContinue();
    void serve(request, response);
  });
  await listen(server, options.port ?? 0, host);
  const { port } = server.address() as AddressInfo;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const release = claimFolder(dir, { url, instance });
  return {
    url,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          release();
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
