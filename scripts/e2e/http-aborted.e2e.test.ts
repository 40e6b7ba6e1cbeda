import { afterAll, beforeAll, expect, it } from 'vitest';
import { abortRequests } from './abort-requests.ts';
import { startFleet, type Fleet } from './fleet.ts';

const ABORTED = 1_500;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({ queue: 'redis' });
});
afterAll(() => fleet.stop());

it(`brings no answer to the wrong caller while ${ABORTED} requests are broken off on kept and pipelined connections`, async () => {
  const { port } = await fleet.openGateway();
  const { aborted, answered, refused, wrong } = await abortRequests(fleet, { port, count: ABORTED });
  expect(wrong).toEqual([]);
  expect(aborted).toBeGreaterThanOrEqual(ABORTED);
  expect(answered - refused).toBeGreaterThan(ABORTED / 4);
}, 120_000);
