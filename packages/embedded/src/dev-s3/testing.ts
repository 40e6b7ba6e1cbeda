import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { S3Client, type GetObjectCommandOutput, type S3ClientConfig } from '@aws-sdk/client-s3';
import { startDevS3 } from '../dev-s3.ts';

export const BUCKET = 'audio';
export const ACCESS_KEY = { accessKeyId: 'TESTKEY', secretAccessKey: 'test/secret+key' };

export interface TestServer {
  readonly url: string;
  readonly dir: string;
  readonly logged: readonly string[];
  connect(config?: S3ClientConfig): S3Client;
  /** Ends the server and starts another one on the same folder. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server of the tests' own, with one bucket, on a folder of its own. */
export async function startTestServer(): Promise<TestServer> {
  const dir = await mkdtemp(path.join(tmpdir(), 'dev-s3-'));
  const clients: S3Client[] = [];
  const logged: string[] = [];
  const start = () => {
    const credentials = { [ACCESS_KEY.accessKeyId]: ACCESS_KEY.secretAccessKey };
    return startDevS3({ dir, credentials, buckets: [BUCKET], log: (line) => logged.push(line) });
  };
  let server = await start();
  return {
    get url() {
      return server.url;
    },
    dir,
    logged,
    connect(config = {}) {
      const client = new S3Client({
        endpoint: server.url,
        region: 'eu-central-1',
        forcePathStyle: true,
        credentials: ACCESS_KEY,
        maxAttempts: 1,
        ...config,
      });
      clients.push(client);
      return client;
    },
    async restart() {
      await server.close();
      server = await start();
    },
    async close() {
      for (const client of clients) client.destroy();
      await server.close();
      await rm(dir, { recursive: true });
    },
  };
}

/** @returns the bytes of an answer; the SDK verifies their checksum on the way */
export async function bytesOf(output: GetObjectCommandOutput): Promise<Buffer> {
  return Buffer.from((await output.Body?.transformToByteArray()) ?? []);
}
