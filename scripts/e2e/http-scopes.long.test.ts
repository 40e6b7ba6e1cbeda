import { afterAll, beforeAll, expect, it } from 'vitest';
import { AUDIO_ROLES, startFleet, TEXT_ROLES, type Fleet } from './fleet.ts';
import { probeScopes } from './probe-scopes.ts';

const PROBES = 100_000;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({ queue: 'redis', roles: `${TEXT_ROLES},${AUDIO_ROLES}`, simulator: { speech: 'tiled' } });
});
afterAll(() => fleet.stop());

it(`gives nothing of another scope to ${PROBES} guesses through every door`, async () => {
  const { url } = await fleet.openGateway();
  const { probes, hits, statuses } = await probeScopes(fleet, { url, count: PROBES });
  process.stdout.write(`${JSON.stringify({ probes, hits: hits.length, statuses })}\n`);
  expect(hits).toEqual([]);
  expect(probes).toBe(PROBES);
}, 3_600_000);
