import { afterAll, beforeAll, expect, it } from 'vitest';
import { startGatewayProcess, type GatewayProcess } from '../child-process.ts';
import { abortRequests } from './abort-requests.ts';
import { startFleet, type Fleet } from './fleet.ts';
import { callHttp } from './http-client.ts';

const ABORTED = 100_000;
const RSS_LIMIT_MB = 500;

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

it(`brings no answer to the wrong caller while ${ABORTED} requests are broken off, and is as good as new afterwards`, async () => {
  const { url } = await gateway.status();
  const { aborted, answered, refused, wrong } = await abortRequests(fleet, { port: Number(new URL(url).port), count: ABORTED });
  const { peakRssMb } = await gateway.status();
  process.stdout.write(`${JSON.stringify({ aborted, answered, refused, wrong: wrong.length, peakRssMb })}\n`);
  expect(wrong).toEqual([]);
  expect(refused).toBeLessThan(answered / 100);
  expect(aborted).toBeGreaterThanOrEqual(ABORTED);
  expect(peakRssMb).toBeLessThan(RSS_LIMIT_MB);
  const after = await callHttp(`${url}/v1/text`, {
    key: await fleet.makeKey('after'),
    body: { request_type: 'summary', prompt: 'Still there?' },
  });
  expect(after.status).toBe(200);
}, 3_600_000);
