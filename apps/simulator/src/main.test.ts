import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const MAIN = new URL('./main.ts', import.meta.url).pathname;

let folder = '';
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'simulator-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

async function spawnSimulator(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [MAIN, '--port', '0', '--bill-file', join(folder, 'bill.jsonl')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, url: (JSON.parse(line) as { url: string }).url };
}

async function chat(url: string, attemptId: string): Promise<number> {
  const response = await fetch(`${url}/openai/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer key', 'x-client-request-id': attemptId },
    body: JSON.stringify({ model: 'gpt-6-luna', messages: [{ role: 'user', content: attemptId }] }),
  });
  await response.text();
  return response.status;
}

async function billed(url: string): Promise<string[]> {
  const { lines } = (await (await fetch(`${url}/__simulator/bill`)).json()) as { lines: { attemptId: string }[] };
  return lines.map((line) => line.attemptId);
}

describe('the simulator as a process', { timeout: 60_000 }, () => {
  it('has every answer that a client saw on its bill after being killed in the middle of work', async () => {
    const first = await spawnSimulator();
    const answered: string[] = [];
    const work = Array.from({ length: 8 }, async (_, worker) => {
      for (let turn = 0; ; turn += 1) {
        const id = `${worker}-${turn}`;
        await chat(first.url, id);
        answered.push(id);
        if (answered.length === 100) first.child.kill('SIGKILL');
      }
    });
    await Promise.allSettled(work);
    expect(answered.length).toBeGreaterThanOrEqual(100);
    const second = await spawnSimulator();
    const onBill = await billed(second.url);
    expect(answered.filter((id) => !onBill.includes(id))).toEqual([]);
    expect(new Set(onBill).size).toBe(onBill.length);
    await chat(second.url, 'after');
    expect(await billed(second.url)).toEqual([...onBill, 'after']);
  });

  it('ends when the process that forked it is gone', async () => {
    const child = fork(MAIN, ['--port', '0', '--speech', 'tiled'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    children.push(child);
    const [ready] = (await once(child, 'message')) as [{ url: string }];
    expect((await fetch(`${ready.url}/__simulator/health`)).status).toBe(200);
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('refuses options that it does not have', async () => {
    const child = spawn(process.execPath, [MAIN, '--speech', 'loud'], { stdio: 'ignore' });
    children.push(child);
    expect(await once(child, 'exit')).toEqual([2, null]);
  });

  it('ends on SIGTERM', async () => {
    const { child } = await spawnSimulator();
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
