import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGatewayProcess, type GatewayProcess } from '../child-process.ts';
import { startFleet, type Fleet } from './fleet.ts';

const WAITING = 5_000;
const PROMPTS = 100;
const RSS_LIMIT_MB = 500;
const CONNECTIONS_OF_GATEWAY = `select count(*)::integer as n from pg_stat_activity where application_name in ('ai-core producer', 'ai-core gateway')
  and datname = current_database()`;

let fleet: Fleet;
let gateway: GatewayProcess;
beforeAll(async () => {
  fleet = await startFleet({ queue: 'redis' });
  gateway = await startGatewayProcess({ databaseUrl: fleet.databaseUrl, redisUrl: fleet.redisUrl, redisPrefix: fleet.redisPrefix });
});
afterAll(async () => {
  await gateway.stop();
  await fleet.stop();
});

it(`answers ${WAITING} requests that wait on one process, with a flat memory and no connection for each`, async () => {
  const key = await fleet.makeKey('crowd');
  const { url } = await gateway.status();
  fleet.simulator.control().setLatency({ latency: { fixedMs: 15_000 } });
  const agent = new Agent({ maxSockets: WAITING, keepAlive: false });
  const run = randomUUID();
  const ask = (index: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ request_type: 'summary', prompt: `${run} ${index % PROMPTS}`, wait_s: 120 });
      const call = request(
        `${url}/v1/text`,
        {
          method: 'POST',
          agent,
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
        },
        (response) => {
          response.resume().on('end', () => resolve(response.statusCode ?? 0));
        },
      );
      call.on('error', reject);
      call.end(body);
    });
  const answers = Promise.all(Array.from({ length: WAITING }, (_, index) => ask(index)));
  await expect
    .poll(async () => (await fleet.database.pool.query<{ n: number }>('select count(*)::integer as n from ai_job_caller')).rows[0]?.n, {
      timeout: 60_000,
    })
    .toBe(WAITING);
  const connections = (await fleet.database.pool.query<{ n: number }>(CONNECTIONS_OF_GATEWAY)).rows[0]?.n ?? 0;
  const statuses = await answers;
  fleet.simulator.control().setLatency({ latency: { fixedMs: 0 } });
  agent.destroy();
  expect(statuses.filter((status) => status === 200)).toHaveLength(WAITING);
  expect(connections).toBeLessThan(40);
  expect((await gateway.status()).peakRssMb).toBeLessThan(RSS_LIMIT_MB);
  expect(fleet.simulator.bill()).toHaveLength(PROMPTS);
});
