/** Answers that are dear to work out and may be a little old. */

export interface Freshness {
  /** So old an answer is given as it is. */
  readonly freshMs: number;
  /** So old it is still given, while a new one is worked out behind it; older ones are not given. */
  readonly usableMs: number;
}

interface Kept<Answer> {
  readonly at: number;
  readonly answer: Promise<Answer>;
}

const MOST_KEPT = 64;

/**
 * The same question, with the answer kept by its arguments. The same work is never done twice at once.
 * @param work what it throws is kept by nobody
 */
export function keepFresh<Arguments extends readonly (string | number | boolean)[], Answer>(
  work: (...args: Arguments) => Promise<Answer>,
  { freshMs, usableMs }: Freshness,
): (...args: Arguments) => Promise<Answer> {
  const kept = new Map<string, Kept<Answer>>();
  const underWay = new Map<string, Promise<Answer>>();

  function begin(key: string, args: Arguments): Promise<Answer> {
    const running = underWay.get(key);
    if (running !== undefined) return running;
    const answer = work(...args);
    underWay.set(key, answer);
    const done = (): boolean => underWay.delete(key);
    answer.then(
      () => {
        done();
        kept.delete(key);
        kept.set(key, { at: performance.now(), answer });
        const [oldest] = kept.keys();
        if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
      },
      () => done(),
    );
    return answer;
  }

  return (...args) => {
    const key = JSON.stringify(args);
    const old = kept.get(key);
    const ageMs = old === undefined ? Number.POSITIVE_INFINITY : performance.now() - old.at;
    if (old !== undefined && ageMs < freshMs) return old.answer;
    const fresh = begin(key, args);
    if (old === undefined || ageMs >= usableMs) return fresh;
    fresh.catch(() => undefined);
    return old.answer;
  };
}
