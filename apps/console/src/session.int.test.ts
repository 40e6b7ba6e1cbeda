import { createConsoleUser, openSession, resetPassword } from '@ai-core/store';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { COOKIE, GOOD_PASSWORD, JSON_ONLY, openBrowser, openTestConsole, tokenOn, type Browser, type TestConsole } from './testing.ts';

let site: TestConsole;
beforeAll(async () => {
  site = await openTestConsole({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => site.close());

let addresses = 0;
/** An address nobody used before, so that tests do not count each other's failures. */
const freshAddress = (): string => `198.51.100.${++addresses}`;
const logIn = (browser: Browser, name: string, password: string, next = '/') =>
  browser.call('POST', '/login', { form: { name, password, next } });

async function makeUser(name: string): Promise<{ name: string; password: string }> {
  return createConsoleUser(site.database, { name, role: 'viewer' });
}

describe('a session', () => {
  it('gets a new id at login, and the one the browser came with is worth nothing afterwards', async () => {
    const { name, password } = await makeUser('fixated');
    const planted = await site.signIn('viewer');
    const plantedToken = planted.cookies.get(COOKIE) ?? '';

    const victim = openBrowser(site.app, { address: freshAddress() });
    victim.cookies.set(COOKIE, plantedToken);
    await logIn(victim, name, password);
    expect(victim.cookies.get(COOKIE)).not.toBe(plantedToken);
    expect((await planted.call('GET', '/')).headers.location).toMatch(/^\/login/);

    const invented = 'A'.repeat(43);
    const other = openBrowser(site.app, { address: freshAddress() });
    other.cookies.set(COOKIE, invented);
    await logIn(other, name, password);
    expect(other.cookies.get(COOKIE)).not.toBe(invented);
  });

  it('lives in a cookie that scripts and other sites cannot use, and in the database only as a hash', async () => {
    const { name, password } = await makeUser('cookie');
    const browser = openBrowser(site.app, { address: freshAddress() });
    const answer = await logIn(browser, name, password);
    expect(answer.headers['set-cookie']).toMatch(/^ai_core_console=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    const { rows } = await site.database.pool.query<{ token_sha256: string }>('select * from ai_console_session');
    expect(JSON.stringify(rows)).not.toContain(browser.cookies.get(COOKIE));
  });

  it('over TLS is bound to the host and never sent in the clear', async () => {
    const { name, password } = await makeUser('tls');
    const browser = openBrowser(site.app, { address: freshAddress() });
    const headers = { 'x-forwarded-proto': 'https' };
    const answer = await browser.call('POST', '/login', { form: { name, password }, headers });
    expect(answer.headers['set-cookie']).toMatch(/^__Host-ai_core_console=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect((await browser.call('GET', '/password', { headers })).statusCode).toBe(200);
  });

  it.each([
    ['12 hours after the login', `expires_at = clock_timestamp() - interval '1 second'`],
    ['30 minutes after the last request', `last_seen_at = clock_timestamp() - interval '31 minutes'`],
  ])('ends %s', async (_, change) => {
    const browser = await site.signIn('viewer');
    expect((await browser.call('GET', '/')).statusCode).toBe(200);
    await site.database.pool.query(
      `update ai_console_session set ${change} where user_id = (select id from ai_console_user where name = $1)`,
      [browser.userName],
    );
    expect((await browser.call('GET', '/')).headers.location).toBe('/login');
    expect((await browser.call('GET', '/api/overview', { headers: JSON_ONLY })).statusCode).toBe(401);
  });

  it('is kept alive by a person, not by a board that asks for news by itself', async () => {
    const browser = await site.signIn('viewer');
    const of = `where user_id = (select id from ai_console_user where name = '${browser.userName}')`;
    const idleMinutes = async (): Promise<number> => {
      const { rows } = await site.database.pool.query<{ idle: number }>(
        `select extract(epoch from clock_timestamp() - last_seen_at)::float8 / 60 as idle from ai_console_session ${of}`,
      );
      return rows[0]?.idle ?? -1;
    };
    await site.database.pool.query(`update ai_console_session set last_seen_at = clock_timestamp() - interval '20 minutes' ${of}`);
    expect((await browser.call('GET', '/queues/api/queues', { headers: JSON_ONLY })).statusCode).toBe(200);
    expect(await idleMinutes()).toBeGreaterThan(19);
    await browser.call('GET', '/');
    expect(await idleMinutes()).toBeLessThan(1);
  });

  it('ends at logout, when its user is disabled, and when the password is reset or changed elsewhere', async () => {
    const isIn = async (browser: Browser): Promise<boolean> => (await browser.call('GET', '/')).statusCode === 200;

    const leaver = await site.signIn('viewer');
    const token = leaver.cookies.get(COOKIE) ?? '';
    await leaver.call('POST', '/logout', { form: { _csrf: leaver.csrfToken } });
    expect(leaver.cookies.has(COOKIE)).toBe(false);
    leaver.cookies.set(COOKIE, token);
    expect(await isIn(leaver)).toBe(false);

    const disabled = await site.signIn('admin');
    expect(await isIn(disabled)).toBe(true);
    await site.database.pool.query('update ai_console_user set disabled_at = now() where name = $1', [disabled.userName]);
    expect(await isIn(disabled)).toBe(false);

    const user = await site.signIn('viewer');
    const { password } = await resetPassword(site.database, user.userName);
    expect(await isIn(user)).toBe(false);

    const here = openBrowser(site.app, { address: freshAddress() });
    await logIn(here, user.userName, password);
    const { rows } = await site.database.pool.query<{ id: string }>('select id from ai_console_user where name = $1', [user.userName]);
    const elsewhere = openBrowser(site.app, { address: freshAddress() });
    elsewhere.cookies.set(COOKIE, (await openSession(site.database, rows[0]?.id ?? '')).token);
    const form = {
      _csrf: tokenOn((await here.call('GET', '/password')).body),
      current: password,
      new: GOOD_PASSWORD,
      again: GOOD_PASSWORD,
    };
    await here.call('POST', '/password', { form });
    expect(await isIn(here)).toBe(true);
    expect(await isIn(elsewhere)).toBe(false);
  });
});
