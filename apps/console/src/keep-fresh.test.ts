import { expect, it } from 'vitest';
import { keepFresh } from './keep-fresh.ts';

const LONG = 3_600_000;

it('works an answer out once for all who ask, by what they ask', async () => {
  let worked = 0;
  const ask = keepFresh(async (name: string) => `${name} ${++worked}`, { freshMs: LONG, usableMs: LONG });
  expect(await Promise.all([ask('a'), ask('a'), ask('b')])).toEqual(['a 1', 'a 1', 'b 2']);
  expect([await ask('a'), await ask('b')]).toEqual(['a 1', 'b 2']);
});

it('gives what is no longer fresh at once, and the new one to whoever asks next', async () => {
  let worked = 0;
  const ask = keepFresh(async (name: string) => `${name} ${++worked}`, { freshMs: 0, usableMs: LONG });
  expect(await ask('a')).toBe('a 1');
  expect(await ask('a')).toBe('a 1');
  await expect.poll(() => ask('a')).toBe('a 3');
});

it('lets whoever asks wait when all there is is too old', async () => {
  let worked = 0;
  const ask = keepFresh(async (name: string) => `${name} ${++worked}`, { freshMs: 0, usableMs: 0 });
  expect([await ask('a'), await ask('a')]).toEqual(['a 1', 'a 2']);
});

it('keeps no failure', async () => {
  let worked = 0;
  const ask = keepFresh(
    async (name: string) => {
      if (++worked === 1) throw new Error('away');
      return name;
    },
    { freshMs: LONG, usableMs: LONG },
  );
  await expect(ask('a')).rejects.toThrow('away');
  expect(await ask('a')).toBe('a');
});
