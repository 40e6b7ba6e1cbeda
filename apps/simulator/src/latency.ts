import { type Random, seededRandom } from './random.ts';

/**
 * How long a vendor takes before its first byte, in milliseconds: a fixed time, or a log-normal spread given by its
 * median and its 99th percentile. `chunkMs` is the pause between the pieces of a stream.
 */
export type Latency = { readonly chunkMs?: number | undefined } & (
  | { readonly fixedMs: number }
  | { readonly p50Ms: number; readonly p99Ms: number }
);

export const NO_LATENCY: Latency = { fixedMs: 0 };

/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.326_347_874;

/** A normal deviate (Box and Muller 1958). */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * The delays of one vendor, one after the other.
 * @param seed the same seed gives the same delays in the same order
 */
export function latencySampler(seed: string): (latency: Latency) => number {
  const random = seededRandom(seed);
  return (latency) => {
    if ('fixedMs' in latency) return latency.fixedMs;
    const sigma = Math.log(Math.max(latency.p99Ms, latency.p50Ms) / latency.p50Ms) / Z99;
    return latency.p50Ms * Math.exp(sigma * normal(random));
  };
}
