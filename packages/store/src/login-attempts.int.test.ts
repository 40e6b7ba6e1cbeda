import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { BACK_OFF, beginAttempt, forgiveAttempt, type LoginAttempt } from './login-attempts.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => test.drop());

const begin = (attempt: LoginAttempt) => beginAttempt(test.database, attempt);

async function fail(attempt: LoginAttempt, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await begin(attempt);
}

/** Lets every block end, as if time had passed. */
async function passTime(): Promise<void> {
  await test.database.pool.query('update ai_login_attempt set blocked_until = clock_timestamp() where blocked_until is not null');
}

describe('beginAttempt', () => {
  it('blocks twice as long with every further failure, up to a quarter of an hour', async () => {
    const attempt = { name: 'doubling', address: '10.0.0.1' };
    await fail(attempt, BACK_OFF.pair.freeFailures);
    const waits: number[] = [];
    for (let failure = 0; failure < 8; failure++) {
      expect((await begin(attempt)).isAllowed).toBe(true);
      const refused = await begin(attempt);
      expect(refused.isAllowed).toBe(false);
      waits.push(Math.round(refused.retryAfterMs / 1_000));
      await passTime();
    }
    expect(waits).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
  });

  it('does not make a block longer by what is tried during it', async () => {
    const attempt = { name: 'impatient', address: '10.0.0.2' };
    await fail(attempt, BACK_OFF.pair.freeFailures + 1);
    const first = await begin(attempt);
    await fail(attempt, 20);
    expect((await begin(attempt)).retryAfterMs).toBeLessThanOrEqual(first.retryAfterMs);
  });

  it('answers an account that is tried from everywhere later, but never refuses it to a new address', async () => {
    const name = 'hunted';
    for (let address = 0; address <= BACK_OFF.account.freeFailures; address++) await begin({ name, address: `10.1.0.${address}` });
    const owner = await begin({ name, address: '10.2.0.1' });
    expect(owner).toEqual({ isAllowed: true, retryAfterMs: 0, delayMs: BACK_OFF.account.delayMs });
    expect((await begin({ name: 'another', address: '10.2.0.1' })).delayMs).toBe(0);
  });

  it('forgets failures after a day', async () => {
    const attempt = { name: 'forgotten', address: '10.0.0.3' };
    await fail(attempt, BACK_OFF.pair.freeFailures + 1);
    expect((await begin(attempt)).isAllowed).toBe(false);
    await test.database.pool.query(`update ai_login_attempt set updated_at = clock_timestamp() - interval '25 hours'`);
    expect((await begin(attempt)).isAllowed).toBe(true);
    const { rows } = await test.database.pool.query<{ failures: number }>('select failures from ai_login_attempt');
    expect(rows.map((row) => row.failures)).toEqual([1, 1, 1]);
  });
});

describe('forgiveAttempt', () => {
  it('starts the pair afresh and leaves failures of others at that address counted', async () => {
    const address = '10.0.0.4';
    await fail({ name: 'somebody-else', address }, 3);
    const attempt = { name: 'owner', address };
    await fail(attempt, 3);
    await begin(attempt);
    await forgiveAttempt(test.database, attempt);
    const { rows } = await test.database.pool.query<{ failures: number }>(
      `select failures from ai_login_attempt where subject = 'address:10.0.0.4'`,
    );
    expect(rows).toEqual([{ failures: 6 }]);
    for (let time = 0; time < BACK_OFF.pair.freeFailures; time++) expect((await begin(attempt)).isAllowed).toBe(true);
  });
});
