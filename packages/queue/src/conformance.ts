import { randomUUID } from 'node:crypto';
import type { Dispatch } from '@ai-core/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Consumer, QueueBackend, QueueEntry } from './backend.ts';

/** A dispatch nobody else has. */
export function makeDispatch(over: Partial<Dispatch> = {}): Dispatch {
  return {
    jobId: randomUUID(),
    generation: '1',
    kind: 'text',
    promptHash: randomUUID().replaceAll('-', '').padEnd(64, '0'),
    requestType: 'test',
    queue: 'text-openai',
    priority: 0,
    delayMs: 0,
    ...over,
  };
}

/** Collects entries and lets a test await the moment when there are enough of them. */
function createCollector() {
  const entries: QueueEntry[] = [];
  let waiting: { count: number; resolve: () => void }[] = [];
  return {
    entries,
    add(entry: QueueEntry) {
      entries.push(entry);
      for (const wait of waiting) if (entries.length >= wait.count) wait.resolve();
      waiting = waiting.filter((wait) => entries.length < wait.count);
    },
    reach(count: number): Promise<void> {
      if (entries.length >= count) return Promise.resolve();
      return new Promise((resolve) => waiting.push({ count, resolve }));
    },
  };
}

/**
 * What every queue backend does, whatever carries it.
 * @param open opens a backend with queues of its own
 */
export function describeQueueBackend(name: string, open: () => Promise<QueueBackend>): void {
  describe(`queue backend ${name}`, () => {
    let backend: QueueBackend;
    let consumers: Consumer[];

    beforeEach(async () => {
      backend = await open();
      consumers = [];
    });
    afterEach(async () => {
      await Promise.all(consumers.map((consumer) => consumer.close()));
      await backend.close();
    });

    async function consume(handle: (entry: QueueEntry) => Promise<void>, queue = 'text-openai', concurrency = 4): Promise<Consumer> {
      const consumer = await backend.consume({ queue, concurrency, handle, onError: () => undefined });
      consumers.push(consumer);
      return consumer;
    }

    it('delivers job id and generation under the request type, and nothing else', async () => {
      const collector = createCollector();
      await consume(async (entry) => collector.add(entry));
      const dispatch = makeDispatch({ requestType: 'lesson_script', generation: '9007199254740993' });
      await backend.dispatch([dispatch]);
      await collector.reach(1);
      expect(collector.entries).toEqual([{ name: 'lesson_script', data: { jobId: dispatch.jobId, generation: '9007199254740993' } }]);
    });

    it('delivers one entry for the same generation dispatched twenty times at once', async () => {
      const dispatch = makeDispatch();
      const last = makeDispatch();
      await Promise.all(Array.from({ length: 20 }, () => backend.dispatch([dispatch])));
      await backend.dispatch([last]);
      const collector = createCollector();
      await consume(async (entry) => collector.add(entry), 'text-openai', 1);
      await collector.reach(2);
      expect(collector.entries.map((entry) => entry.data['jobId'])).toEqual([dispatch.jobId, last.jobId]);
    });

    it('delivers a later generation of the same job although the earlier one is finished', async () => {
      const collector = createCollector();
      await consume(async (entry) => collector.add(entry));
      const first = makeDispatch();
      await backend.dispatch([first]);
      await collector.reach(1);
      await backend.dispatch([{ ...first, generation: '2' }]);
      await collector.reach(2);
      expect(collector.entries.map((entry) => entry.data['generation'])).toEqual(['1', '2']);
    });

    it('keeps the order of priorities, and puts what is dispatched to the front first of all', async () => {
      const [late, early, front] = [makeDispatch({ priority: 101 }), makeDispatch({ priority: 0 }), makeDispatch()];
      await backend.dispatch([late]);
      await backend.dispatch([early]);
      await backend.dispatch([front], { front: true });
      const collector = createCollector();
      await consume(async (entry) => collector.add(entry), 'text-openai', 1);
      await collector.reach(3);
      expect(collector.entries.map((entry) => entry.data['jobId'])).toEqual([front.jobId, early.jobId, late.jobId]);
    });

    it('holds a delayed entry back for its delay', async () => {
      const collector = createCollector();
      await consume(async (entry) => collector.add(entry));
      const start = performance.now();
      await backend.dispatch([makeDispatch({ delayMs: 400 })]);
      await collector.reach(1);
      expect(performance.now() - start).toBeGreaterThanOrEqual(395);
    });

    it('finishes an entry whose handler throws, and goes on with the next', async () => {
      const collector = createCollector();
      await consume(
        async (entry) => {
          collector.add(entry);
          throw new Error('broken on purpose');
        },
        'text-openai',
        1,
      );
      const dispatches = [makeDispatch(), makeDispatch()];
      await backend.dispatch(dispatches);
      await collector.reach(2);
      expect(collector.entries).toHaveLength(2);
    });

    it('lists exactly the dispatches it no longer carries as missing', async () => {
      const [waiting, delayed, lost, handled] = [
        makeDispatch(),
        makeDispatch({ delayMs: 60_000 }),
        makeDispatch(),
        makeDispatch({ queue: 'text-claude' }),
      ];
      await backend.dispatch([waiting, delayed, handled]);
      const finished = Promise.withResolvers<void>();
      const consumer = await consume(async () => finished.resolve(), 'text-claude');
      await finished.promise;
      await consumer.close();
      consumers = [];
      const missing = await backend.listMissing([waiting, delayed, lost, handled]);
      expect(missing.map((dispatch) => dispatch.jobId).sort()).toEqual([lost.jobId, handled.jobId].sort());
    });

    it('lists as missing what is due by the ledger while the queue still holds it back', async () => {
      const delayed = makeDispatch({ delayMs: 3_600_000 });
      await backend.dispatch([delayed]);
      expect(await backend.listMissing([delayed])).toEqual([]);
      expect(await backend.listMissing([{ ...delayed, delayMs: 0 }])).toHaveLength(1);
    });

    it('starts nothing on a paused queue until the pause is over, while other queues go on', async () => {
      const collector = createCollector();
      const other = createCollector();
      await consume(async (entry) => collector.add(entry));
      await consume(async (entry) => other.add(entry), 'text-claude');
      await backend.dispatch([makeDispatch()]);
      await collector.reach(1);
      expect(await backend.isPaused('text-openai')).toBe(false);
      await backend.pauseFor('text-openai', 600);
      expect(await backend.isPaused('text-openai')).toBe(true);
      expect(await backend.isPaused('text-claude')).toBe(false);
      const start = performance.now();
      await backend.dispatch([makeDispatch(), makeDispatch({ queue: 'text-claude' })]);
      await other.reach(1);
      expect(collector.entries).toHaveLength(1);
      await collector.reach(2);
      expect(performance.now() - start).toBeGreaterThanOrEqual(500);
    });

    it('takes no new entry after pause, and close waits for the one being handled', async () => {
      const started = Promise.withResolvers<void>();
      const release = Promise.withResolvers<void>();
      let finished = false;
      const handled: string[] = [];
      const consumer = await consume(
        async (entry) => {
          handled.push(String(entry.data['jobId']));
          started.resolve();
          await release.promise;
          finished = true;
        },
        'text-openai',
        1,
      );
      const [first, second] = [makeDispatch(), makeDispatch()];
      await backend.dispatch([first]);
      await started.promise;
      await consumer.pause();
      await backend.dispatch([second]);
      release.resolve();
      await consumer.close();
      consumers = [];
      expect(finished).toBe(true);
      expect(handled).toEqual([first.jobId]);
      expect(await backend.listMissing([second])).toEqual([]);
    });

    it('runs a schedule of the maintenance queue by its name, once however often it is declared', async () => {
      const collector = createCollector();
      const schedule = { name: 'every-second', pattern: '* * * * * *' };
      await Promise.all([backend.schedule(schedule), backend.schedule(schedule)]);
      await backend.schedule(schedule);
      await consume(async (entry) => collector.add(entry), 'maintenance');
      const start = Date.now();
      await collector.reach(2);
      expect(collector.entries.every((entry) => entry.name === 'every-second')).toBe(true);
      expect(Date.now() - start).toBeGreaterThan(900);
    });

    it('brings a message to every subscriber of its topic and to no other', async () => {
      const heard: string[] = [];
      const arrived = Promise.withResolvers<void>();
      await backend.messages.subscribe(
        'inbox-a',
        (text) => {
          heard.push(`a:${text}`);
          arrived.resolve();
        },
        () => undefined,
      );
      await backend.messages.subscribe(
        'inbox-b',
        (text) => void heard.push(`b:${text}`),
        () => undefined,
      );
      await backend.messages.publish([
        { topic: 'inbox-a', text: 'one' },
        { topic: 'inbox-nobody', text: 'two' },
      ]);
      await arrived.promise;
      expect(heard).toEqual(['a:one']);
    });

    it('keeps its epoch while nothing is lost', async () => {
      const first = await backend.readEpoch();
      expect(await backend.readEpoch()).toBe(first);
    });

    it('counts what waits, is delayed and is being handled in each queue', async () => {
      await backend.dispatch([makeDispatch(), makeDispatch({ priority: 3 }), makeDispatch({ delayMs: 60_000 })]);
      const depth = (await backend.depths()).find((entry) => entry.queue === 'text-openai');
      expect(depth).toEqual({ queue: 'text-openai', waiting: 2, active: 0, delayed: 1 });
    });
  });
}
