import { afterAll, beforeAll, expect, it } from 'vitest';
import { AUDIO_ROLES, startFleet, TEXT_ROLES, type Fleet } from './fleet.ts';
import { probeScopes } from './probe-scopes.ts';

const PROBES = 400;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet({ queue: 'redis', roles: `${TEXT_ROLES},${AUDIO_ROLES}`, simulator: { speech: 'tiled' } });
});
afterAll(() => fleet.stop());

it(`gives nothing of another scope to ${PROBES} guesses through every door`, async () => {
  const { url } = await fleet.openGateway();
  const { probes, hits, statuses } = await probeScopes(fleet, { url, count: PROBES });
  expect(hits).toEqual([]);
  expect(probes).toBe(PROBES);
  expect(Object.keys(statuses)).toEqual(expect.arrayContaining(['403', '404']));
}, 120_000);
