import { spawn } from 'node:child_process';

/** A check of the sources: a program that ends with 0 when all is well. */
export interface Check {
  readonly name: string;
  /** What it looks for, in a few words. */
  readonly about: string;
  /** Program for this Node and its arguments, relative to the project. */
  readonly command: readonly string[];
}

export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  readonly tookMs: number;
  /** Everything the program printed. */
  readonly output: string;
}

/** Runs one check. Never rejects: a program that cannot be started has failed. */
function runCheck({ name, command }: Check): Promise<CheckResult> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const chunks: string[] = [];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' } });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => chunks.push(chunk));
    const finish = (passed: boolean): void => {
      resolve({ name, passed, tookMs: Math.round(performance.now() - startedAt), output: chunks.join('') });
    };
    child.once('error', (error) => {
      chunks.push(error.message);
      finish(false);
    });
    child.once('close', (code) => finish(code === 0));
  });
}

/**
 * Runs checks side by side.
 * @param checks in the order they are started
 * @param atOnce how many run at the same time
 * @param onResult told each result as soon as it is there
 * @returns the results in the order of the checks
 */
export async function runChecks(
  checks: readonly Check[],
  { atOnce, onResult }: { atOnce: number; onResult: (result: CheckResult) => void },
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const waiting = checks.entries();
  const work = async (): Promise<void> => {
    for (const [index, check] of waiting) {
      const result = await runCheck(check);
      results[index] = result;
      onResult(result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
