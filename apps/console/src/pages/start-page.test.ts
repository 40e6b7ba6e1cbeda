import type { ConsoleSession } from '@ai-core/store';
import { describe, expect, it } from 'vitest';
import type { DayCost, Overview } from '../overview.ts';
import { describeAge, startPage } from './start-page.ts';

const session: ConsoleSession = {
  user: { id: '1', name: 'ann', role: 'viewer', mustChangePassword: false },
  csrfToken: 'token',
  expiresAt: new Date(0),
};

function day(simulated: boolean, requests: number): DayCost {
  const lines = [
    {
      provider: 'p',
      model: simulated ? 'emulated' : 'm<1>',
      request_type: 'quiz',
      requests,
      cache_hits: 0,
      cost_usd: '0.5',
      saved_usd: '0',
    },
  ];
  return {
    simulated,
    requests,
    failures: 0,
    cache_hits: 0,
    hit_rate: 0,
    cost_usd: '0.5',
    saved_usd: '0',
    lines: requests === 0 ? [] : lines,
  };
}

function overview(changes: Partial<Overview>): Overview {
  return {
    postgres: { state: 'ok', latency_ms: 1 },
    queue: { state: 'ok', latency_ms: 2, backend: 'redis' },
    depths: [{ queue: 'text-openai', waiting: 1234, active: 0, delayed: 0 }],
    workers: [],
    today: [day(false, 0), day(true, 0)],
    rolled_up_ms_ago: 5_000,
    ...changes,
  };
}

describe('startPage', () => {
  it('calls simulated money simulated, also when there is no other', () => {
    const page = startPage(session, overview({ today: [day(false, 0), day(true, 3)] }));
    expect(page).toContain('<span class="badge">simulated</span>');
    expect(page).toContain('emulated');
    expect(page).not.toContain('No requests yet');
  });

  it('never calls real money simulated', () => {
    const page = startPage(session, overview({ today: [day(false, 3), day(true, 0)] }));
    expect(page).not.toContain('simulated');
    expect(page).toContain('m&lt;1&gt;');
  });

  it('says what does not answer instead of showing nothing or zero', () => {
    const page = startPage(
      session,
      overview({
        postgres: { state: 'unreachable', latency_ms: null },
        queue: { state: 'unreachable', latency_ms: null, backend: 'redis' },
        depths: null,
        workers: null,
        today: null,
      }),
    );
    expect(page.match(/Unreachable/g)).toHaveLength(2);
    expect(page).toContain('Today’s cost is not known');
    expect(page).toContain('The queue did not answer.');
    expect(page).toContain('Unknown');
  });

  it('links every queue and says what can be done there by whom', () => {
    expect(startPage(session, overview({}))).toContain('<a href="/queues/queue/text-openai">text-openai</a>');
    expect(startPage(session, overview({}))).toContain('to look at their entries');
    const admin = { ...session, user: { ...session.user, role: 'admin' as const } };
    expect(startPage(admin, overview({}))).toContain('to pause, retry or empty them');
  });
});

describe('describeAge', () => {
  it('says how old the figures are and asks after the worker when they are old', () => {
    expect(describeAge(null)).toBe('not counted yet');
    expect(describeAge(12_400)).toBe('counted 12 s ago');
    expect(describeAge(600_000)).toBe('counted 10 min ago: is a maintenance worker alive?');
  });
});
