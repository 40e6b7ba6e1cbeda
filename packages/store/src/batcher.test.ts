import { describe, expect, it } from 'vitest';
import { AGAIN, createBatcher } from './batcher.ts';

/** A gate that holds a batch until the test opens it. */
function createGate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

describe('a batcher', () => {
  it('sends a lone item at once, and what comes meanwhile as one batch after it', async () => {
    const gate = createGate();
    const batches: number[][] = [];
    const double = createBatcher<number, number>({
      isShared: () => false,
      async runBatch(items) {
        batches.push([...items]);
        if (batches.length === 1) await gate.opened;
        return items.map((item) => item * 2);
      },
      runAlone: () => Promise.reject(new Error('nothing is done alone here')),
    });
    const first = double(1);
    expect(batches).toEqual([[1]]);
    const others = [double(2), double(3), double(4)];
    expect(batches).toEqual([[1]]);
    gate.open();
    expect(await Promise.all([first, ...others])).toEqual([2, 4, 6, 8]);
    expect(batches).toEqual([[1], [2, 3, 4]]);
  });

  it('never has two batches under way, nor a batch above its size, and keeps the order', async () => {
    let underWay = 0;
    let most = 0;
    const batches: number[][] = [];
    const echo = createBatcher<number, number>({
      maxItems: 3,
      isShared: () => false,
      async runBatch(items) {
        most = Math.max(most, ++underWay);
        batches.push([...items]);
        await new Promise((resolve) => setImmediate(resolve));
        underWay--;
        return [...items];
      },
      runAlone: () => Promise.reject(new Error('nothing is done alone here')),
    });
    const items = Array.from({ length: 8 }, (_, index) => index);
    expect(await Promise.all(items.map(echo))).toEqual(items);
    expect(batches).toEqual([[0], [1, 2, 3], [4, 5, 6], [7]]);
    expect(most).toBe(1);
  });

  it('does not let one bad item fail the others of its batch', async () => {
    const alone: number[] = [];
    const batcher = createBatcher<number, string>({
      isShared: () => false,
      async runBatch(items) {
        if (items.includes(13)) throw new Error('the statement was refused');
        return items.map((item) => `batch ${item}`);
      },
      async runAlone(item) {
        alone.push(item);
        if (item === 13) throw new Error('13 is bad');
        return `alone ${item}`;
      },
    });
    const results = await Promise.allSettled([1, 2, 13, 4].map(batcher));
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value : String(result.reason)))).toEqual([
      'batch 1',
      'alone 2',
      'Error: 13 is bad',
      'alone 4',
    ]);
    expect(alone).toEqual([2, 13, 4]);
    expect(await batcher(5)).toBe('batch 5');
  });

  it('fails a lone bad item with its own error, without doing it twice', async () => {
    let calls = 0;
    const batcher = createBatcher<number, number>({
      isShared: () => false,
      runBatch: () => Promise.reject(new Error('bad item')),
      async runAlone(item) {
        calls++;
        return item;
      },
    });
    await expect(batcher(1)).rejects.toThrow('bad item');
    expect(calls).toBe(0);
  });

  it('fails all items when the failure is shared, tries none alone, and goes on afterwards', async () => {
    let isAway = true;
    let alone = 0;
    const batcher = createBatcher<number, number>({
      isShared: (error) => error instanceof Error && error.message === 'away',
      async runBatch(items) {
        if (isAway) throw new Error('away');
        return [...items];
      },
      async runAlone(item) {
        alone++;
        return item;
      },
    });
    const results = await Promise.allSettled([1, 2, 3].map(batcher));
    expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(alone).toBe(0);
    isAway = false;
    expect(await batcher(4)).toBe(4);
  });

  it('does items alone that the batch left, or had no result for, without holding up the next batch', async () => {
    const gate = createGate();
    const batcher = createBatcher<string, string>({
      isShared: () => false,
      async runBatch(items) {
        // One result too few: the last item of the batch has none.
        return items.map((item) => (item === 'locked' ? AGAIN : item)).filter((item) => item !== 'forgotten');
      },
      async runAlone(item) {
        if (item === 'locked') await gate.opened;
        return `alone ${item}`;
      },
    });
    const [lone, locked, forgotten] = [batcher('lone'), batcher('locked'), batcher('forgotten')];
    expect(await lone).toBe('lone');
    expect(await forgotten).toBe('alone forgotten');
    // The locked item still waits; a later one passes it.
    expect(await batcher('later')).toBe('later');
    gate.open();
    expect(await locked).toBe('alone locked');
  });
});
