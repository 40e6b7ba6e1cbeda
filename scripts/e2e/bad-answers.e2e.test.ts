import { AiCoreError, type ErrorCode } from '@ai-core/core';
import { checkInvariants } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';

/** What arrives as an answer and is none, and what the request must end in when it does so each time. */
const BAD: readonly (readonly [fault: string, code: ErrorCode])[] = [
  ['no-choices', 'PROVIDER_BAD_ANSWER'],
  ['empty', 'PROVIDER_BAD_ANSWER'],
  ['null-content', 'PROVIDER_BAD_ANSWER'],
  ['length', 'PROVIDER_BAD_ANSWER'],
  ['html', 'PROVIDER_BAD_ANSWER'],
  ['truncated-json', 'PROVIDER_BAD_ANSWER'],
  ['refusal', 'PROVIDER_REFUSED'],
  ['safety', 'PROVIDER_REFUSED'],
];
const PINS = [
  ['openai', 'gpt-6-luna'],
  ['claude', 'claude-haiku-5-5'],
  ['gemini', 'gemini-3.5-flash-lite'],
] as const;

describe('what a provider sends as an answer', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'postgres', roles: 'text-openai,text-claude,text-gemini,maintenance' });
  });
  afterAll(() => fleet.stop());

  const ask = (fault: string, pin: { readonly provider?: string; readonly model?: string } = {}) => ({
    requestType: 'quiz',
    prompt: `Questions about volcanoes [[fault:${fault}]]`,
    timeoutMs: 30_000,
    ...pin,
  });
  async function count(text: string): Promise<number> {
    const { rows } = await fleet.database.pool.query<{ n: bigint }>(`select count(*) as n from ${text}`);
    return Number(rows[0]?.n ?? 0n);
  }

  it.each(PINS.flatMap(([provider, model]) => BAD.map(([fault, code]) => [provider, model, fault, code] as const)))(
    'of %s %s as %s fails as %s and is not remembered',
    async (provider, model, fault, code) => {
      const before = await count('ai_memory');
      const outcome = await fleet.aiCore.generateText(ask(fault, { provider, model })).catch((error: unknown) => error);
      expect(AiCoreError.is(outcome) && outcome.code).toBe(code);
      expect(await count('ai_memory')).toBe(before);
    },
  );

  it('is replaced by the next model where one may be taken', async () => {
    const answer = await fleet.aiCore.generateText(ask('no-choices?provider=openai'));
    expect(answer).toMatchObject({ source: 'provider', cached: false });
    expect(answer.provider).not.toBe('openai');
    expect((await fleet.aiCore.generateText(ask('no-choices?provider=openai'))).source).toBe('memory');
  });

  it.for(['usage-negative', 'usage-absurd'])(
    'with counts that cannot be true (%s) is kept; our count is billed and flagged',
    async (fault) => {
      const answer = await fleet.aiCore.generateText(ask(fault, { provider: 'openai', model: 'gpt-6-luna' }));
      expect(answer.text).toContain('volcanoes');
      const { rows } = await fleet.database.pool.query<{ estimated: boolean; cost: bigint; raw: unknown }>(
        `select (a.usage ->> 'estimated')::boolean as estimated, a.cost_nano_usd as cost, a.usage -> 'raw' as raw
       from ai_attempt a where a.job_id = $1`,
        [answer.jobId],
      );
      const bill = fleet.simulator.bill().at(-1)?.usage;
      // A luna token costs 100 nano-dollars in and 500 out; no honest call comes near a hundredth of a dollar.
      expect(rows).toMatchObject([{ estimated: true }]);
      expect(rows[0]?.cost).toBeGreaterThan(0n);
      expect(rows[0]?.cost).toBeLessThan(10_000_000n);
      expect(bill?.outputTokens).toBeGreaterThan(0);
      expect(JSON.stringify(rows[0]?.raw)).toMatch(fault === 'usage-negative' ? /-\d/ : /\d{12}/);
    },
  );

  it('leaves a whole ledger behind: what was paid for nothing is accounted for', async () => {
    const paid = await count(`ai_attempt where state = 'billed' and error_code is not null and cost_nano_usd > 0`);
    expect(paid).toBeGreaterThan(0);
    expect((await checkInvariants(fleet.database)).filter((result) => result.broken > 0)).toEqual([]);
  });
});
