import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { startDevS3 } from '@ai-core/embedded';

/** What a client needs to use the object store of a test run; path style. */
export interface TestS3 {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly bucket: string;
  readonly region: string;
}

/**
 * An object store for a test run.
 * @param folder where its files go
 */
export async function startTestS3(folder: string): Promise<{ s3: TestS3; stop(): Promise<void> }> {
  const accessKeyId = 'test';
  const secretAccessKey = randomBytes(18).toString('base64url');
  const bucket = 'ai-core-test';
  const server = await startDevS3({
    dir: path.join(folder, 's3'),
    credentials: { [accessKeyId]: secretAccessKey },
    buckets: [bucket],
    fast: true,
  });
  return { s3: { endpoint: server.url, accessKeyId, secretAccessKey, bucket, region: 'us-east-1' }, stop: () => server.close() };
}
