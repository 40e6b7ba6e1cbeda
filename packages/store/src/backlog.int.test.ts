import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { countBacklog } from './backlog.ts';
import { loadCatalogueSnapshot } from './catalogue-snapshot.ts';
import { createTestLedger, dispatchOf, type TestLedger } from './testing/test-ledger.ts';

let ledger: TestLedger;
beforeAll(async () => {
  ledger = await createTestLedger({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => ledger.close());

it('counts what waits for the door, and a crowd stands behind the work of others', async () => {
  const caller = 'crowd';
  const first = await ledger.admit({ caller, dispatchWindow: 1 });
  for (let n = 0; n < 120; n++) await ledger.admit({ caller, dispatchWindow: 1 });
  await countBacklog(ledger.database);
  expect((await loadCatalogueSnapshot(ledger.database)).backlog).toEqual([{ queue: 'text-openai', caller, waiting: 121 }]);
  const [next] = (await ledger.worker.claim(dispatchOf(first))).next;
  const other = dispatchOf(await ledger.admit({ caller: 'other' }));
  expect(next?.priority).toBeGreaterThan(other.priority);
  expect(next?.priority).toBeLessThan(dispatchOf(await ledger.admit({ caller: 'other', lane: 'batch' })).priority);
});

it('puts the first 20 jobs of a caller in line with everybody, and what it has beyond that behind them', async () => {
  const priorities: number[] = [];
  for (let n = 0; n < 25; n++) priorities.push(dispatchOf(await ledger.admit({ caller: 'eager', dispatchWindow: 200 })).priority);
  expect(new Set(priorities.slice(0, 20)).size).toBe(1);
  const [first = 0] = priorities;
  expect(priorities.slice(20)).toEqual(Array.from({ length: 5 }, () => first + 1));
});
