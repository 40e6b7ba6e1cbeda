import { isUnavailable } from '@ai-core/store';
import type { Services } from './services.ts';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;

/**
 * Repeats work as long as a service is away and this process lives: what was paid is not given up.
 * @returns what the work returns; undefined when the process has to end first
 */
export async function patiently<Result>(
  services: Services,
  { what, jobId }: { readonly what: string; readonly jobId: string },
  work: () => Promise<Result>,
): Promise<Result | undefined> {
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      if (waitMs === FIRST_WAIT_MS) services.log.warn({ jobId, err: error }, `${what} waits for a service that is away`);
      if (services.isStopping()) return undefined;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
