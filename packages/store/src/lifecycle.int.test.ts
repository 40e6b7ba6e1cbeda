import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Act } from './act.ts';
import { listEndingModels, noteVendorModels, retireEnded } from './lifecycle.ts';
import { addProvider } from './provider-configs.ts';
import { createTestLedger, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
let act: Act;
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
const add = (modelName: string, shutdownDate: string | null, successor: string | null = null) =>
  addProvider(act, { provider: 'openai', modelName, kind: 'text' }, { tier: 'cheap', shutdownDate, successor, costPerMillionTokens: 1 });
const rowOf = async (modelName: string) =>
  (
    await ledger.query<Record<string, unknown>>(
      `select lifecycle, is_active, to_char(shutdown_date, 'YYYY-MM-DD') as ends, missing_since is not null as missing
       from ai_provider_config where model_name = $1`,
      [modelName],
    )
  )[0];

beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
  act = { database: ledger.database, actor: 'check-lifecycles', announce: async () => undefined };
  await add('ended', inDays(0));
  await add('ends-soon', inDays(60), 'gpt-6-luna');
  await add('ends-later', inDays(61));
  await add('stays', null);
});
afterAll(() => ledger.close());

it('warns 60 days ahead, and proposes the vendor’s successor or the cheapest of the tier that stays', async () => {
  const ending = await listEndingModels(ledger.database);
  expect(
    ending.map(({ modelName, daysLeft, successor, successorIsActive }) => [modelName, daysLeft, successor, successorIsActive]),
  ).toEqual([
    ['ended', 0, 'openai/stays', true],
    ['ends-soon', 60, 'openai/gpt-6-luna', false],
  ]);
  expect((await listEndingModels(ledger.database, 61)).map(({ modelName }) => modelName)).toContain('ends-later');
});

it('retires on the last day, once, and writes it down', async () => {
  expect(await retireEnded(act, inDays(-1))).toEqual([]);
  expect(await retireEnded(act, inDays(0))).toEqual(['openai/ended']);
  expect(await retireEnded(act, inDays(0))).toEqual([]);
  expect(await rowOf('ended')).toMatchObject({ lifecycle: 'retired', is_active: false });
  expect((await listEndingModels(ledger.database)).map(({ modelName }) => modelName)).toEqual(['ends-soon']);
  expect(await ledger.query(`select actor from ai_audit_log where action = 'provider.retired'`)).toEqual([{ actor: 'check-lifecycles' }]);
});

it('takes a last day over from the vendor’s list, but not an admin’s, and marks what is not listed until it is again', async () => {
  await ledger.query(`update ai_provider_config set admin_edited = '{}' where model_name = 'stays'`);
  const listed = (...names: string[]) => ({
    provider: 'openai' as const,
    models: names.map((modelName) => ({ modelName, shutdownDate: modelName === 'ended' ? null : inDays(10) })),
  });
  expect(await noteVendorModels(act, { provider: 'openai', models: [] })).toEqual([]);
  expect((await noteVendorModels(act, listed('ended', 'ends-soon', 'stays'))).toSorted()).toEqual(['openai/ends-later', 'openai/stays']);
  expect(await rowOf('stays')).toEqual({ lifecycle: 'deprecated', is_active: true, ends: inDays(10), missing: false });
  expect(await rowOf('ends-soon')).toMatchObject({ ends: inDays(60), missing: false });
  expect(await rowOf('ends-later')).toMatchObject({ ends: inDays(61), missing: true });
  expect((await listEndingModels(ledger.database)).find(({ isMissing }) => isMissing)?.modelName).toBe('ends-later');
  expect(await noteVendorModels(act, listed('ended', 'ends-soon', 'ends-later', 'stays'))).toEqual(['openai/ends-later']);
  expect(await rowOf('ends-later')).toMatchObject({ missing: false });
});
