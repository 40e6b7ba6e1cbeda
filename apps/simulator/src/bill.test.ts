import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_USAGE } from '@ai-core/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type BillLine, openBill } from './bill.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bill-'));
});
afterEach(() => rm(folder, { recursive: true }));

function line(attemptId: string): Omit<BillLine, 'seq' | 'at'> {
  return {
    provider: 'openai',
    model: 'gpt-6-luna',
    wire: 'openai-chat',
    attemptId,
    requestId: `req_${attemptId}`,
    promptSha256: '0'.repeat(64),
    usage: { ...NO_USAGE, inputTokens: 5, outputTokens: 7 },
    fault: null,
  };
}

describe('openBill', () => {
  it('numbers its lines and gives those after a known one', async () => {
    const bill = await openBill();
    for (const id of ['a', 'b', 'c']) await bill.charge(line(id));
    expect(bill.lines().map((entry) => [entry.seq, entry.attemptId])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(bill.lines(2).map((entry) => entry.attemptId)).toEqual(['c']);
    expect(bill.lines(3)).toEqual([]);
  });

  it('has every line on disk when charge settles, also when many arrive at once', async () => {
    const file = join(folder, 'bill.jsonl');
    const bill = await openBill(file);
    await Promise.all(Array.from({ length: 500 }, (_, index) => bill.charge(line(String(index)))));
    const written = (await readFile(file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as BillLine);
    expect(written).toEqual(bill.lines());
    expect(written.map((entry) => entry.seq)).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
    await bill.close();
  });

  it('goes on with an earlier bill and drops a last line that was torn', async () => {
    const file = join(folder, 'bill.jsonl');
    const first = await openBill(file);
    await first.charge(line('a'));
    await first.close();
    await appendFile(file, '{"seq":2,"attem');
    const second = await openBill(file);
    await second.charge(line('b'));
    await second.close();
    const third = await openBill(file);
    expect(third.lines().map((entry) => [entry.seq, entry.attemptId])).toEqual([
      [1, 'a'],
      [2, 'b'],
    ]);
    await third.close();
  });
});
