import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Act } from './act.ts';
import { listRequestTypes, setRequestType } from './request-types.ts';
import { createTestLedger, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
let act: Act;
beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  act = { database: ledger.database, actor: 'mika', announce: async () => undefined };
});
afterAll(() => ledger.close());

it('sets what is named for a type, leaves the rest, takes settings back, and writes each change down', async () => {
  await setRequestType(act, 'report', { tier: 'premium', qualityFloor: 0.85 });
  expect(await setRequestType(act, 'report', { expiresAfterDays: 30, staleForS: 3_600, tier: undefined })).toEqual({
    requestType: 'report',
    tier: 'premium',
    qualityFloor: 0.85,
    expiresAfterDays: 30,
    staleForS: 3_600,
  });
  await setRequestType(act, 'report', { tier: null });
  expect(await listRequestTypes(ledger.database)).toMatchObject([{ requestType: 'report', tier: null, expiresAfterDays: 30 }]);
  const changes = await ledger.query('select actor, action from ai_audit_log where subject = $1', ['report']);
  expect(changes).toEqual(Array.from({ length: 3 }, () => ({ actor: 'mika', action: 'request-type.set' })));
});

it.for([{ qualityFloor: 1.1 }, { expiresAfterDays: 0 }, { expiresAfterDays: 1.5 }, { staleForS: -1 }])('refuses %o', async (settings) => {
  await expect(setRequestType(act, 'report', settings)).rejects.toThrow('REQUEST_INVALID');
});
