import { randomUUID } from 'node:crypto';
import { ROUTES, type Gateway, type Route } from '@ai-core/gateway';
import { revokeApiKey } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFleet, type Fleet } from './fleet.ts';
import { callHttp, type HttpAnswer } from './http-client.ts';

/** A request that would succeed for a key that may, with the scope named. Every route that takes a body needs one, or the test fails. */
const BODIES: Readonly<Record<string, (scope: string) => { readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }>> =
  {
    'POST /v1/chat/completions': (scope) => ({
      body: { model: 'auto', messages: [{ role: 'user', content: 'May I?' }], metadata: { scope } },
    }),
    'POST /v1/audio': (scope) => ({ body: { text: 'May I?', language: 'en', scope, wait_s: 0 } }),
    'POST /v1/audio/speech': (scope) => ({
      body: { model: 'auto', input: 'May I?', voice: 'auto' },
      headers: { 'x-ai-core-scope': scope, 'x-ai-core-wait-s': '1' },
    }),
    'POST /v1/bulk': (scope) => ({
      body: JSON.stringify({ request_type: 'summary', prompt: 'May I?', scope }),
      headers: { 'content-type': 'application/x-ndjson' },
    }),
    'PUT /v1/contexts/:name': () => ({ body: { text: 'A context' } }),
    'POST /v1/memory/:id/rating': () => ({ body: { user_id: 'u1', rating: 4 } }),
    'POST /v1/text': (scope) => ({ body: { request_type: 'summary', prompt: 'May I?', scope, wait_s: 0 } }),
  };

const ROLES = ['none', 'unknown', 'revoked', 'app', 'admin', 'other-scope'] as const;
type Role = (typeof ROLES)[number];

/** What the route table says must happen. */
function expectedRefusal(route: Route, role: Role): 401 | 403 | undefined {
  if (route.need === 'nothing') return undefined;
  if (role === 'none' || role === 'unknown' || role === 'revoked') return 401;
  if (route.need === 'admin' && role !== 'admin') return 403;
  if (role === 'other-scope' && (route.scope === 'all' || route.scope === 'request')) return 403;
  return undefined;
}

describe('authorization', () => {
  let fleet: Fleet;
  let gateway: Gateway;
  let strangersJob: string;
  const keys = {} as Record<Role, string | undefined>;
  beforeAll(async () => {
    fleet = await startFleet({ queue: 'redis' });
    gateway = await fleet.openGateway();
    keys.none = undefined;
    keys.unknown = `aic_${'x'.repeat(43)}`;
    keys.revoked = await fleet.makeKey('revoked');
    await revokeApiKey(fleet.database, 'revoked', 'test');
    keys.app = await fleet.makeKey('app');
    keys.admin = await fleet.makeKey('admin', 'admin');
    keys['other-scope'] = await fleet.makeKey('other-scope', 'app', { scopes: ['elsewhere:*'] });
    const stranger = await fleet.makeKey('stranger');
    const made = await callHttp(`${gateway.url}/v1/text`, {
      key: stranger,
      body: { request_type: 'summary', prompt: 'The job of a stranger', scope: 'private:1', wait_s: 0 },
    });
    strangersJob = String(made.body['job_id']);
  });
  afterAll(() => fleet.stop());

  /** Ids in the path are those of a stranger's job. */
  async function call(route: Route, role: Role): Promise<HttpAnswer> {
    const path = route.path.replace(':id', strangersJob).replaceAll(/:\w+/g, randomUUID());
    const example = BODIES[`${route.method} ${route.path}`]?.('shared');
    expect(route.body === undefined || example !== undefined, `a body for ${route.method} ${route.path}`).toBe(true);
    return callHttp(`${gateway.url}${path}`, { method: route.method, key: keys[role], ...example });
  }

  it.each(ROUTES.flatMap((route) => ROLES.map((role) => ({ name: `${route.method} ${route.path}`, role, route }))))(
    '$name answers $role as the route table says',
    async ({ route, role }) => {
      const answer = await call(route, role);
      const refusal = expectedRefusal(route, role);
      if (refusal === undefined) {
        expect([401, 403]).not.toContain(answer.status);
        // Nothing of somebody else's is shown or touched.
        const isOthers = route.scope === 'own' || route.scope === 'memory' || (route.scope === 'account' && role !== 'admin');
        if (isOthers && route.path.includes('id')) expect(answer.status).toBe(404);
      } else expect(answer.status).toBe(refusal);
      expect(answer.status).not.toBe(500);
      expect(answer.text).not.toMatch(/ {4}at .*\.ts|node_modules/);
    },
  );
});
