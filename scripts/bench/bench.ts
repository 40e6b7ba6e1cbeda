/** One measurement: ours against a yardstick of the same run on the same machine. */
export interface Measurement {
  readonly bench: string;
  readonly ours: number;
  readonly yardstick: number;
  /** ours / yardstick; for latencies without a yardstick the value itself against the goal. */
  readonly ratio: number;
  readonly unit: string;
  /** What we want, in words. */
  readonly goal: string;
  readonly met: boolean;
}

export interface BenchServices {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Fewer rounds, for a quick look. */
  readonly quick: boolean;
}

export interface Bench {
  readonly about: string;
  readonly run: (services: BenchServices) => Promise<Measurement[]>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, two) => one - two);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, two) => one - two);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Calls `work` for every index with at most `inFlight` at a time. @returns operations per second */
export async function rate(count: number, inFlight: number, work: (index: number) => Promise<unknown>): Promise<number> {
  const start = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (let index = next++; index < count; index = next++) await work(index);
    }),
  );
  return (count / (performance.now() - start)) * 1_000;
}
