import type { Queue } from 'bullmq';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBullMqPart } from './bullmq-queues.ts';
import { makeDispatch } from './conformance.ts';

/** Redis has just gone: a queue that was in use refuses its commands, one that never was cannot be opened. */
const away = async (): Promise<never> => {
  await Promise.resolve();
  throw new Error('a command was refused');
};
const part = createBullMqPart(
  (name) => {
    if (name === 'text-claude') throw new Error('Redis is away');
    return { on: () => undefined, waitUntilReady: async () => undefined, addBulk: away, getJobState: away } as unknown as Queue;
  },
  () => undefined,
);

/** What would end the process. */
const unhandled: unknown[] = [];
const listen = (reason: unknown): void => void unhandled.push(reason);
beforeAll(() => process.on('unhandledRejection', listen));
afterAll(() => process.off('unhandledRejection', listen));

it.each(['dispatch', 'listMissing'] as const)(
  '%s reports that Redis is away to its caller and to nobody else, whichever queues it is asked for',
  async (method) => {
    const dispatches = [makeDispatch({ queue: 'text-openai' }), makeDispatch({ queue: 'text-claude' })];
    await expect(part[method](dispatches)).rejects.toThrow(/Redis is away|refused/);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(unhandled).toEqual([]);
  },
);

it('opens a queue anew whose server did not answer when it was opened', async () => {
  let opened = 0;
  const closed = Promise.withResolvers<void>();
  const recovering = createBullMqPart(
    () => {
      const isBroken = ++opened === 1;
      return {
        on: () => undefined,
        waitUntilReady: isBroken ? away : async () => undefined,
        addBulk: isBroken ? away : async () => [],
        close: async () => closed.resolve(),
      } as unknown as Queue;
    },
    () => undefined,
  );
  await expect(recovering.dispatch([makeDispatch({ queue: 'text-openai' })])).rejects.toThrow('refused');
  await closed.promise;
  await recovering.dispatch([makeDispatch({ queue: 'text-openai' })]);
  await recovering.dispatch([makeDispatch({ queue: 'text-openai' })]);
  expect(opened).toBe(2);
});
