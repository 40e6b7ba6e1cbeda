import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * A folder for what the services of one test run write; removed when this process ends, in order or by an error.
 * @returns its path
 */
export function makeTestFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-test-'));
  // As root the database server runs as another user, who must be able to enter; its own folder stays closed.
  chmodSync(folder, 0o755);
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
