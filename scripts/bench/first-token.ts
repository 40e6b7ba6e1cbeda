import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startSimulator } from '@ai-core/simulator';
import { createApiKey, openDatabase } from '@ai-core/store';
import { simulatedAccess } from '@ai-core/worker';
import { startGatewayProcess, startWorkerProcess } from '../child-process.ts';
import { percentile, type Bench } from './bench.ts';

const GOAL_MS = 10;
const PROVIDER_MS = 100;
const MODEL = 'gpt-6-luna';
const WARM_UP = 10;

/** Asks for a streamed chat. @returns milliseconds until its first piece of text */
async function firstTokenMs(baseUrl: string, key: string, prompt: string): Promise<number> {
  const start = performance.now();
  const response = await fetch(`${baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, messages: [{ role: 'user', content: prompt }], stream: true }),
  });
  let firstMs: number | undefined;
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString('latin1');
    if (/"content":"[^"]/.test(text)) firstMs ??= performance.now() - start;
  }
  if (firstMs === undefined) throw new Error(`No text came: ${response.status}.`);
  return firstMs;
}

export const firstToken: Bench = {
  about: 'first token of a fresh stream through the gateway beside the provider itself, in turn, on Redis',
  async run({ databaseUrl, redisUrl, quick }) {
    const redisPrefix = `{bench-${randomUUID()}}`;
    const folder = mkdtempSync(path.join(tmpdir(), 'ai-core-bench-'));
    const simulator = await startSimulator({ port: 0 });
    simulator.control().setLatency({ latency: { fixedMs: PROVIDER_MS, chunkMs: 2 } });
    const connections = { databaseUrl, redisUrl, redisPrefix };
    const access = simulatedAccess(simulator.baseUrls);
    const worker = await startWorkerProcess({ ...connections, roles: 'text-openai,maintenance', access, spoolFolder: folder });
    const gateway = await startGatewayProcess(connections);
    const database = openDatabase({ url: databaseUrl, maxConnections: 1, applicationName: 'bench' });
    const name = `bench-${randomUUID()}`;
    const { key } = await createApiKey(database, { name, role: 'app', scopes: null, requestsPerMinute: null, actor: 'bench' });
    const { url } = await gateway.status();
    const run = randomUUID();
    const [through, direct]: [number[], number[]] = [[], []];
    for (let index = 0; index < WARM_UP + (quick ? 50 : 300); index++) {
      const one = await firstTokenMs(simulator.baseUrls.openai, 'sk-bench', `Direct ${run} ${index}`);
      const other = await firstTokenMs(`${url}/v1`, key, `Through ${run} ${index}`);
      if (index >= WARM_UP) {
        direct.push(one);
        through.push(other);
      }
    }
    await database.close();
    await gateway.stop();
    await worker.stop();
    await simulator.close();
    rmSync(folder, { recursive: true, force: true });
    const [ours, yardstick] = [percentile(through, 0.5), percentile(direct, 0.5)];
    return [
      {
        bench: 'first-token',
        ours,
        yardstick,
        ratio: ours / yardstick,
        unit: 'ms, p50',
        goal: `<= the provider's own + ${GOAL_MS} ms`,
        met: ours <= yardstick + GOAL_MS,
      },
    ];
  },
};
