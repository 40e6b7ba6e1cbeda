import Fastify from 'fastify';
import type { Database } from '@ai-core/store';
import { describe, expect, it } from 'vitest';
import { ACCESS_RULES, findAccessRule, hasRole } from './access-rules.ts';
import { registerGuard } from './guard.ts';
import { createSessionCookie } from './session-cookie.ts';

describe('the table of access rules', () => {
  it('leaves nothing open but the door, its files and health', () => {
    const open = ACCESS_RULES.filter((rule) => rule.need === 'nothing').map((rule) => `${rule.method} ${rule.path}`);
    expect(open).toEqual(['GET /healthz', 'GET /readyz', 'GET /assets/:file', 'GET /login', 'POST /login']);
  });

  it('names no route twice', () => {
    const names = ACCESS_RULES.map((rule) => `${rule.method} ${rule.path}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('lets everybody look at the board and only admins change anything on it, whatever the method', () => {
    expect(findAccessRule('GET', '/queues')?.need).toBe('viewer');
    expect(findAccessRule('HEAD', '/queues/static/*')?.need).toBe('viewer');
    for (const method of ['PUT', 'POST', 'PATCH', 'DELETE', 'PROPFIND']) {
      expect(findAccessRule(method, '/queues/api/queues')?.need).toBe('admin');
    }
  });

  it('does not know what is not in it, also when it only looks alike', () => {
    for (const [method, path] of [
      ['GET', '/queuesque'],
      ['GET', '/api/overview/'],
      ['POST', '/'],
      ['DELETE', '/login'],
      ['GET', '/secret'],
    ] as const) {
      expect(findAccessRule(method, path)).toBeUndefined();
    }
  });
});

describe('registerGuard', () => {
  it('refuses a route that is not in the table while it is registered', () => {
    const app = Fastify();
    // No request is sent, so nothing asks the database.
    registerGuard(app, { database: {} as Database, cookie: createSessionCookie(false) });
    expect(() => app.get('/forgotten', () => 'secret')).toThrow('GET /forgotten has no line in the table of access rules');
    expect(() => app.get('/healthz', () => 'ok')).not.toThrow();
  });
});

describe('hasRole', () => {
  it('counts a role and every higher one', () => {
    expect(hasRole('admin', 'viewer')).toBe(true);
    expect(hasRole('reviewer', 'reviewer')).toBe(true);
    expect(hasRole('viewer', 'reviewer')).toBe(false);
    expect(hasRole('operator', 'admin')).toBe(false);
  });
});
