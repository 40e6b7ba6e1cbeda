import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startWorkerProcess, type Child } from '../child-process.ts';

export interface StubWorkerOptions {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  readonly redisPrefix: string;
  readonly concurrency: number;
  /** URL or path of another provider than the one that answers at once. */
  readonly providersModule?: string;
}

/** A worker process whose provider answers at once: what is measured is AI Core. */
export function startStubWorker(options: StubWorkerOptions): Promise<Child> {
  return startWorkerProcess({
    providersModule: import.meta.resolve('./stub-provider.ts'),
    ...options,
    roles: 'text-openai,maintenance',
    access: { openai: { apiKey: 'none', baseUrl: null } },
    spoolFolder: mkdtempSync(path.join(tmpdir(), 'bench-spool-')),
  });
}
