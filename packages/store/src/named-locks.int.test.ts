import { afterAll, describe, expect, inject, it } from 'vitest';
import { openNamedLocks } from './named-locks.ts';

describe('named locks', () => {
  const one = openNamedLocks({ url: inject('databaseUrl') });
  const other = openNamedLocks({ url: inject('databaseUrl') });
  afterAll(() => Promise.all([one.close(), other.close()]));

  it('let one at a time work under a name, within a process and between processes', async () => {
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      inside++;
      most = Math.max(most, inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
    };
    await Promise.all(Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? one : other).hold('one name', work)));
    expect(most).toBe(1);
  });

  it('do not make different names wait for each other', async () => {
    const release = Promise.withResolvers<void>();
    const held = one.hold('first name', () => release.promise);
    expect(await other.hold('second name', async () => 'done')).toBe('done');
    release.resolve();
    await held;
  });

  it('are let go of when the work fails, which is told to nobody else', async () => {
    const failing = one.hold('bad', () => Promise.reject(new Error('broken')));
    const next = one.hold('bad', async () => 'next');
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('next');
    expect(await other.hold('bad', async () => 'free')).toBe('free');
  });
});
