import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startDevS3, startPostgres } from '@ai-core/embedded';
import { onShutdown, type ObjectStoreSettings } from '@ai-core/runtime';

/** Services for one replay, on a temporary folder of their own: nothing of this machine's AI Core is touched. */
export interface SavingsStage {
  readonly folder: string;
  readonly s3: ObjectStoreSettings;
  /** Makes sure of a database. @returns its address */
  openDatabase(name: string): Promise<string>;
  stop(): Promise<void>;
}

const S3_KEY = { accessKeyId: 'replay', secretAccessKey: 'replay-secret' } as const;
const BUCKET = 'replay';

export async function startSavingsStage(): Promise<SavingsStage> {
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-savings-'));
  // As root the database server runs as another user, who must be able to enter; its own folder stays closed.
  chmodSync(folder, 0o755);
  const steps = [() => Promise.resolve(rmSync(folder, { recursive: true, force: true }))];
  let stopping: Promise<void> | undefined;
  async function stopAll(): Promise<void> {
    for (const step of steps.toReversed()) await step();
  }
  // A signal and the end of the replay it breaks off wait for the same end.
  const stop = (): Promise<void> => (stopping ??= stopAll());
  onShutdown({ stop, code: 1 });
  const openServer = (database: string) => startPostgres({ dir: path.join(folder, 'postgres'), database, fast: true });
  try {
    const server = await openServer('replay');
    steps.push(() => server.stop());
    const s3 = await startDevS3({
      dir: path.join(folder, 's3'),
      credentials: { [S3_KEY.accessKeyId]: S3_KEY.secretAccessKey },
      buckets: [BUCKET],
    });
    steps.push(() => s3.close());
    return {
      folder,
      s3: { endpoint: s3.url, region: 'us-east-1', bucket: BUCKET, ...S3_KEY, forcePathStyle: true, publicEndpoint: undefined },
      openDatabase: async (name) => (await openServer(name)).url,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
