import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The clocks of the worker processes, which can be wrong; everybody else's are right. */
export interface WorkerClocks {
  /** Why clocks cannot be set on this machine; null = they can. */
  readonly obstacle: string | null;
  /** Settings of the environment, `NAME=value`, with which the worker of one place is started. */
  environmentOf(place: number): readonly string[];
  /** Sets the clock of one place, running processes included, 3 days forward or 2 hours back, and right again after a while. */
  jump(target: number, lastsMs: number): Promise<void>;
}

const LIBRARY = 'libfaketimeMT.so.1';
/** Where Linux distributions put it. */
const FOLDERS = [
  '/usr/lib/x86_64-linux-gnu/faketime',
  '/usr/lib/aarch64-linux-gnu/faketime',
  '/usr/lib64/faketime',
  '/usr/lib/faketime',
  '/usr/local/lib/faketime',
];
const RIGHT = '+0';
const JUMPS = ['+3d', '-2h'] as const;
/** How long a process goes by what it has read, in seconds. */
const READ_EVERY_S = 1;

/**
 * @param wanted false = no process is started with a clock of its own
 * @param folder where the clocks are, one file for each place
 */
export function setUpWorkerClocks({ places, folder, wanted }: { places: number; folder: string; wanted: boolean }): WorkerClocks {
  const library = FOLDERS.map((place) => path.join(place, LIBRARY)).find((file) => existsSync(file));
  const fileOf = (place: number): string => path.join(folder, `clock-${place}`);
  const set = (place: number, offset: string): void => writeFileSync(fileOf(place), `${offset}\n`);
  for (let place = 0; place < places; place++) set(place, RIGHT);
  return {
    obstacle: library === undefined ? 'libfaketime is not installed on this machine' : null,
    environmentOf: (place) =>
      library === undefined || !wanted
        ? []
        : [
            `LD_PRELOAD=${library}`,
            `FAKETIME_TIMESTAMP_FILE=${fileOf(place)}`,
            `FAKETIME_CACHE_DURATION=${READ_EVERY_S}`,
            // Timers go by the monotonic clock, which does not jump on real machines either.
            'DONT_FAKE_MONOTONIC=1',
          ],
    async jump(target, lastsMs) {
      const place = target % places;
      set(place, JUMPS[Math.floor(target / places) % JUMPS.length] ?? RIGHT);
      await new Promise((resolve) => setTimeout(resolve, lastsMs));
      set(place, RIGHT);
    },
  };
}
