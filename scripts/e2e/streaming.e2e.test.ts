import { AiCoreError } from '@ai-core/core';
import type { AiCore, TextEvent } from '@ai-core/producer';
import { checkInvariants } from '@ai-core/store';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

const SLOW_PIECES = { fixedMs: 0, chunkMs: 30 };

/** The text as it stands on a listener's screen after the last event. */
function shown(events: readonly TextEvent[]): string {
  return events.reduce((text, event) => (event.type === 'reset' ? '' : event.type === 'delta' ? text + event.text : text), '');
}

async function collect(events: AsyncIterable<TextEvent>): Promise<TextEvent[]> {
  const all: TextEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

function answerOf(events: readonly TextEvent[]) {
  const last = events.at(-1);
  if (last?.type !== 'done') throw new Error('the last event is not the answer');
  return last.answer;
}

for (const queue of ['redis', 'postgres'] as const) {
  describe(`a text that is watched while it is made, queue on ${queue}`, () => {
    let fleet: Fleet;
    let other: AiCore;
    let question = 0;
    beforeAll(async () => {
      fleet = await startFleet({ queue });
      other = await fleet.openAiCore();
    });
    afterAll(() => fleet.stop());
    beforeEach(() => fleet.simulator.control().setLatency({ latency: SLOW_PIECES }));

    const ask = (mark = '') => ({ requestType: 'quiz', prompt: `${queue} streamed question ${question++} ${mark}`, timeoutMs: 30_000 });
    const calls = () => fleet.simulator.control().calls();
    async function usageOf(jobId: string | null): Promise<unknown> {
      const { rows } = await fleet.database.pool.query('select source, cost_nano_usd > 0 as paid from ai_usage_log where job_id = $1', [
        jobId,
      ]);
      return rows;
    }

    it('comes in pieces long before it is whole, ends with its receipt, and is replayed from memory as a stream', async () => {
      const input = ask();
      const events = await collect(fleet.aiCore.streamText(input));
      const answer = answerOf(events);
      expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index));
      expect(events.filter((event) => event.type === 'delta').length).toBeGreaterThan(4);
      expect(events.some((event) => event.type === 'reset')).toBe(false);
      expect(answer).toMatchObject({ source: 'provider', cached: false });
      expect(answer.costNanoUsd).toBeGreaterThan(0n);
      expect(shown(events)).toBe(answer.text);

      const before = calls().length;
      const again = await collect(other.streamText(input));
      expect(answerOf(again)).toMatchObject({ source: 'memory', costNanoUsd: 0n, text: answer.text });
      expect(again.length).toBeGreaterThan(2);
      expect(shown(again)).toBe(answer.text);
      expect((await other.generateText(input)).text).toBe(answer.text);
      expect(calls().length).toBe(before);
    });

    it('gives a late joiner in another process the text so far and then the rest', async () => {
      const input = ask();
      const handle = await fleet.aiCore.enqueueText({ ...input, stream: true });
      const first = collect(handle.events());
      const early: TextEvent[] = [];
      for await (const event of other.follow(handle.jobId ?? '')) {
        early.push(event);
        if (shown(early).length > 60) break;
      }
      const joined = await other.enqueueText({ ...input, stream: true });
      expect(joined).toMatchObject({ outcome: 'joined', jobId: handle.jobId });
      const late = await collect(joined.events());
      const begin = late[0];
      expect(begin?.type === 'delta' && begin.text.length).toBeGreaterThan(60);
      expect(late.filter((event) => event.type === 'delta').length).toBeGreaterThan(2);
      const whole = answerOf(await first).text;
      expect(answerOf(late)).toMatchObject({ text: whole, source: 'in_flight' });
      expect(shown(late)).toBe(whole);
      expect(shown(await collect(other.follow(handle.jobId ?? '')))).toBe(whole);
    });

    it('is streamed for a caller who joins a job that nobody has begun', async () => {
      const control = fleet.simulator.control();
      const busy = control.addFault({ match: 'waits for its turn', fault: 'rate-limit?retry-after=1', times: 1 });
      const input = ask('waits for its turn');
      const quiet = await fleet.aiCore.enqueueText(input);
      await expect.poll(() => control.listFaults().some((rule) => rule.id === busy)).toBe(false);
      const events = await collect(other.streamText(input));
      expect(events.filter((event) => event.type === 'delta').length).toBeGreaterThan(4);
      expect(shown(events)).toBe((await quiet.result()).text);
    });

    it('is taken back by a reset when an attempt fails after its first piece, and the job goes on', async () => {
      const input = ask('[[fault:cut?times=1]]');
      const events = await collect(fleet.aiCore.streamText(input));
      const answer = answerOf(events);
      const reset = events.findIndex((event) => event.type === 'reset');
      expect(reset).toBeGreaterThan(0);
      expect(events.filter((event) => event.type === 'reset')).toHaveLength(1);
      expect(shown(events.slice(0, reset)).length).toBeGreaterThan(0);
      expect(shown(events)).toBe(answer.text);
      expect((await fleet.aiCore.generateText(input)).source).toBe('memory');
    });

    it('throws the error of the job when every attempt has failed', async () => {
      const outcome = await collect(fleet.aiCore.streamText(ask('[[fault:refusal]]'))).catch((error: unknown) => error);
      expect(AiCoreError.is(outcome) && outcome.code).toBe('PROVIDER_REFUSED');
    });

    it('is remembered and billed although the listener has gone, also in the middle of a wait', async () => {
      const input = ask();
      let jobId: string | null = null;
      const handle = await fleet.aiCore.enqueueText({ ...input, stream: true });
      jobId = handle.jobId;
      const events = handle.events();
      await events.next();
      const waiting = events.next().then(() => events.next());
      await events.return?.();
      expect(await waiting).toMatchObject({ done: true });
      await expect.poll(() => usageOf(jobId), { timeout: 10_000 }).toEqual([{ source: 'provider', paid: true }]);
      expect((await fleet.aiCore.generateText(input)).source).toBe('memory');

      const broken = ask();
      for await (const event of fleet.aiCore.streamText(broken)) if (event.type === 'delta') break;
      expect((await fleet.aiCore.generateText(broken)).source).toBe('in_flight');
      expect(calls().filter((call) => call.promptSha256 === calls().at(-1)?.promptSha256)).toHaveLength(1);
    });

    it('is taken back by an aborted signal', async () => {
      const leaving = new AbortController();
      const handle = await fleet.aiCore.enqueueText({ ...ask(), stream: true });
      const outcome = (async () => {
        for await (const event of handle.events({ signal: leaving.signal })) if (event.type === 'delta') leaving.abort();
      })();
      await expect(outcome).rejects.toMatchObject({ code: 'JOB_CANCELLED' });
      const { rows } = await fleet.database.pool.query('select state from ai_job where id = $1', [handle.jobId]);
      expect(rows).toEqual([{ state: 'cancelled' }]);
      await expect.poll(async () => JSON.stringify(await usageOf(handle.jobId)), { timeout: 10_000 }).toContain('late');
    });

    it('gives each caller its own personal data back, and shows no placeholder on the way', async () => {
      const streamed = async (core: AiCore, name: string, n: string) =>
        collect(
          core.streamText({ requestType: 'email', prompt: `Repeat: Dear ${name}, ${queue} ${n}`, knownNames: [name], timeoutMs: 30_000 }),
        );
      const [anna, taro] = await Promise.all([streamed(fleet.aiCore, 'Anna Schmidt', 'one'), streamed(other, '山田太郎', 'one')]);
      for (const [events, name] of [
        [anna, 'Anna Schmidt'],
        [taro, '山田太郎'],
      ] as const) {
        expect(shown(events)).toContain(name);
        expect(shown(events)).toBe(answerOf(events).text);
        for (const event of events) if (event.type === 'delta') expect(event.text).not.toMatch(/[⟦⟧]/);
      }
      expect(calls().filter((call) => call.promptSha256 === calls().at(-1)?.promptSha256)).toHaveLength(1);
    });

    it('asks the provider to stream only when somebody watches, and leaves the ledger whole', async () => {
      await fleet.aiCore.generateText(ask());
      const quiet = calls().at(-1);
      await collect(fleet.aiCore.streamText(ask()));
      expect([quiet?.stream, calls().at(-1)?.stream]).toEqual([false, true]);
      expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
    });
  });
}
