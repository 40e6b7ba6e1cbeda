import { isUnavailable } from '@ai-core/store';
import { releaseUnheldJobs } from './handlers/release-unheld.ts';
import { runBatches } from './handlers/run-batches.ts';
import { settleSpool } from './handlers/settle-spool.ts';
import type { Services } from './services.ts';
import { syncVoices } from './sync-voices.ts';

const SPOOL_EVERY_MS = 1_000;
const UNHELD_EVERY_MS = 5_000;
const BATCHES_EVERY_MS = 1_000;
const VOICES_EVERY_MS = 6 * 3_600_000;

interface OwnAffair {
  readonly everyMs: number;
  readonly complaint: string;
  /** Also when the worker starts. */
  readonly atOnce?: boolean;
  readonly run: (services: Services) => Promise<unknown>;
}

/** What every worker looks after by itself: its own disk, and what the ledger believes it is doing. */
const OWN_AFFAIRS: readonly OwnAffair[] = [
  { everyMs: SPOOL_EVERY_MS, complaint: 'the spool could not be settled', run: settleSpool },
  { everyMs: UNHELD_EVERY_MS, complaint: 'what this worker runs could not be compared with the ledger', run: releaseUnheldJobs },
  { everyMs: BATCHES_EVERY_MS, complaint: 'the batches could not be looked after', run: runBatches },
  { everyMs: VOICES_EVERY_MS, complaint: 'the voices of the accounts could not be read', run: syncVoices, atOnce: true },
];

/** Repeats each affair until its timer is cleared; one that is still under way is not started again. */
export function keepOwnAffairs(services: Services): NodeJS.Timeout[] {
  return OWN_AFFAIRS.map(({ everyMs, complaint, run, atOnce = false }) => {
    let busy = false;
    const look = (): void => {
      if (busy) return;
      busy = true;
      run(services)
        .catch((error: unknown) => {
          if (!isUnavailable(error)) services.log.error({ err: error }, complaint);
        })
        .finally(() => (busy = false));
    };
    if (atOnce) look();
    return setInterval(look, everyMs);
  });
}
