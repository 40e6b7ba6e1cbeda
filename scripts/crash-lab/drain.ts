import { existsSync, readdirSync } from 'node:fs';
import type { Database } from '@ai-core/store';

export interface DrainOptions {
  readonly database: Database;
  readonly drainMs: number;
  readonly spoolFolders: readonly string[];
  /** True when every caller has heard. */
  readonly isAnswered: () => boolean;
  readonly tell: (line: string) => void;
}

const LOOK_EVERY_MS = 500;
const TELL_EVERY_MS = 5_000;

interface Left {
  readonly jobs: bigint;
  readonly attempts: bigint;
  readonly callers: bigint;
}

/** Not the drafts and sounds that a kill has left half done: the worker removes them after ten minutes. */
function isAnswer(file: string): boolean {
  return file.endsWith('.json') && !file.startsWith('.');
}

/** Waits until nothing is left to do: no open job, no open attempt, no caller without a usage row, no answer on disk, no caller waiting. */
export async function drain({ database, drainMs, spoolFolders, isAnswered, tell }: DrainOptions): Promise<boolean> {
  const start = performance.now();
  let toldAt = start;
  for (;;) {
    const [left] = await database
      .query<Left>({
        name: 'lab_left',
        text: `select
          (select count(*) from ai_job where finished_at is null) as jobs,
          (select count(*) from ai_attempt where state = 'reserved') as attempts,
          (select count(*) from ai_job_caller c join ai_job j on j.id = c.job_id
            where j.finished_at is not null and not exists (select from ai_usage_log u where u.id = c.id and u.at = c.requested_at)) as callers`,
      })
      .catch(() => []);
    const spooled = spoolFolders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder).filter(isAnswer) : [])).length;
    if (left !== undefined && left.jobs + left.attempts + left.callers === 0n && spooled === 0 && isAnswered()) return true;
    const now = performance.now();
    if (now - start > drainMs) return false;
    if (now - toldAt > TELL_EVERY_MS) {
      toldAt = now;
      tell(`left: ${left?.jobs} jobs, ${left?.attempts} attempts, ${left?.callers} callers to account for, ${spooled} spooled answers`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
