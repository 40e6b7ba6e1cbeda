export interface SteadyLoad {
  readonly perSecond: number;
  readonly durationMs: number;
  /** Sends one piece of work; the promise is over when it is answered. */
  readonly ask: (index: number) => Promise<unknown>;
}

/**
 * Sends work at a steady pace, whatever becomes of what was sent before.
 * @returns how long each piece took, in milliseconds, when all have ended
 * @throws what the first failing piece threw
 */
export async function steadyLoad({ perSecond, durationMs, ask }: SteadyLoad): Promise<number[]> {
  const count = Math.round((perSecond * durationMs) / 1_000);
  const start = performance.now();
  const took: Promise<number>[] = [];
  for (let index = 0; index < count; index++) {
    const dueInMs = start + (index * 1_000) / perSecond - performance.now();
    if (dueInMs > 0) await new Promise((resolve) => setTimeout(resolve, dueInMs));
    const since = performance.now();
    const one = ask(index).then(() => performance.now() - since);
    // All are awaited at the end; until then a failure must not count as one that nobody looks at.
    one.catch(() => undefined);
    took.push(one);
  }
  return Promise.all(took);
}
