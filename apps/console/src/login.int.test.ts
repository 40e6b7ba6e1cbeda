import { createConsoleUser, ensureFirstAdmin, openSession, resetPassword } from '@ai-core/store';
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

describe('the first login', () => {
  it('forces a new password before anything else can be seen or done', async () => {
    const first = await ensureFirstAdmin(site.database);
    expect(first?.name).toBe('admin');
    expect(await ensureFirstAdmin(site.database)).toBeNull();

    const browser = openBrowser(site.app, { address: freshAddress() });
    const answer = await logIn(browser, 'admin', first?.password ?? '', '/queues');
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/password']);
    expect((await browser.call('GET', '/')).headers.location).toBe('/password');
    expect((await browser.call('GET', '/queues/api/queues', { headers: JSON_ONLY })).statusCode).toBe(403);

    const page = (await browser.call('GET', '/password')).body;
    expect(page).toContain('given out by somebody else');
    const form = { _csrf: tokenOn(page), current: first?.password ?? '', new: GOOD_PASSWORD, again: GOOD_PASSWORD };
    const before = browser.cookies.get(COOKIE);
    const changed = await browser.call('POST', '/password', { form });
    expect([changed.statusCode, changed.headers.location]).toEqual([303, '/']);
    expect(browser.cookies.get(COOKIE)).not.toBe(before);
    expect((await browser.call('GET', '/')).body).toContain('Overview');

    expect((await logIn(openBrowser(site.app, { address: freshAddress() }), 'admin', first?.password ?? '')).statusCode).toBe(401);
    const again = await logIn(openBrowser(site.app, { address: freshAddress() }), ' Admin ', GOOD_PASSWORD, '/queues');
    expect(again.headers.location).toBe('/queues');
    const { rows } = await site.database.pool.query(`select actor, action, subject from ai_audit_log where actor = 'admin'`);
    expect(rows).toContainEqual({ actor: 'admin', action: 'password.changed', subject: 'console-user/admin' });
  });

  it.each([
    ['too short', 'short', 'short', 400],
    ['not typed twice', GOOD_PASSWORD, `${GOOD_PASSWORD}!`, 400],
    ['one sign over and over', 'aaaaaaaaaaaaaaaa', 'aaaaaaaaaaaaaaaa', 400],
  ])('refuses a new password that is %s and keeps the old one', async (_, fresh, again, status) => {
    const browser = await site.signIn('viewer');
    const { name, password } = await resetPassword(site.database, browser.userName);
    await logIn(browser, name, password);
    const form = { _csrf: tokenOn((await browser.call('GET', '/password')).body), current: password, new: fresh, again };
    const answer = await browser.call('POST', '/password', { form });
    expect(answer.statusCode).toBe(status);
    expect(answer.body).toContain('role="alert"');
    expect((await browser.call('GET', '/')).headers.location).toBe('/password');
  });

  it('refuses a new password to somebody who does not know the current one', async () => {
    const browser = await site.signIn('viewer');
    const form = { _csrf: browser.csrfToken, current: 'not the one', new: GOOD_PASSWORD, again: GOOD_PASSWORD };
    expect((await browser.call('POST', '/password', { form })).statusCode).toBe(401);
  });
});

describe('failed logins', () => {
  it('look the same for a wrong password, an unknown name and a disabled user', async () => {
    const known = await makeUser('known');
    const disabled = await makeUser('disabled');
    await site.database.pool.query(`update ai_console_user set disabled_at = now() where name = 'disabled'`);
    const answers = await Promise.all(
      [
        ['known', 'wrong'],
        ['nobody', known.password],
        ['disabled', disabled.password],
      ].map(async ([name = '', password = '']) => {
        const { statusCode, body } = await logIn(openBrowser(site.app, { address: freshAddress() }), name, password);
        return { statusCode, body: body.replaceAll(name, 'NAME') };
      }),
    );
    expect(answers[0]?.statusCode).toBe(401);
    expect(answers[0]?.body).toContain('do not belong together');
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  });

  it('block the account at that address for a while, and nobody elsewhere', async () => {
    const { name, password } = await makeUser('guessed');
    const attacker = openBrowser(site.app, { address: freshAddress() });
    for (let guess = 0; guess < 5; guess++) expect((await logIn(attacker, name, `guess ${guess}`)).statusCode).toBe(401);
    const blocked = await logIn(attacker, name, password);
    expect(blocked.statusCode).toBe(429);
    expect(Number(blocked.headers['retry-after'])).toBeGreaterThan(20);
    expect(Number(blocked.headers['retry-after'])).toBeLessThanOrEqual(30);

    expect((await logIn(openBrowser(site.app, { address: freshAddress() }), name, password)).statusCode).toBe(303);
    expect((await logIn(attacker, name, password)).statusCode).toBe(429);

    await site.database.pool.query(
      `update ai_login_attempt set blocked_until = blocked_until - interval '1 hour' where blocked_until is not null`,
    );
    expect((await logIn(attacker, name, password)).statusCode).toBe(303);
    expect((await logIn(attacker, name, 'wrong again')).statusCode).toBe(401);
  });

  it('are counted before the password is looked at, so that guesses sent at once gain nothing', async () => {
    const { name } = await makeUser('stormed');
    const address = freshAddress();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, guess) => logIn(openBrowser(site.app, { address }), name, `guess ${guess}`)),
    );
    expect(answers.filter((answer) => answer.statusCode === 401)).toHaveLength(5);
    expect(answers.filter((answer) => answer.statusCode === 429)).toHaveLength(15);
  });

  it('over many accounts block the address', async () => {
    const { name, password } = await makeUser('sprayed');
    const address = freshAddress();
    const answers: number[] = [];
    for (let guess = 0; guess < 31; guess++)
      answers.push((await logIn(openBrowser(site.app, { address }), `user-${guess}`, 'Password1')).statusCode);
    expect(answers.filter((status) => status === 401)).toHaveLength(30);
    expect((await logIn(openBrowser(site.app, { address }), name, password)).statusCode).toBe(429);
    expect((await logIn(openBrowser(site.app, { address: freshAddress() }), name, password)).statusCode).toBe(303);
  });

  it('store neither a name nor a password that was typed', async () => {
    const browser = openBrowser(site.app, { address: freshAddress() });
    await logIn(browser, 'my-secret-by-mistake', 'hunter2-hunter2');
    const { rows } = await site.database.pool.query<{ subject: string }>('select subject from ai_login_attempt');
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toMatch(/my-secret|hunter2/);
  });
});

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

describe('the login page', () => {
  it('leads back to the page that was asked for, and never to another site', async () => {
    const { name, password } = await makeUser('returning');
    const browser = openBrowser(site.app, { address: freshAddress() });
    const asked = await browser.call('GET', '/queues/queue/text-openai?status=failed');
    expect(asked.headers.location).toBe(`/login?next=${encodeURIComponent('/queues/queue/text-openai?status=failed')}`);
    expect((await browser.call('GET', asked.headers.location ?? '')).body).toContain('value="/queues/queue/text-openai?status=failed"');
    await site.database.pool.query(`update ai_console_user set must_change_password = false where name = $1`, [name]);
    expect((await logIn(browser, name, password, '//evil.example/x')).headers.location).toBe('/');
    expect((await browser.call('GET', '/login?next=%2Fqueues')).headers.location).toBe('/queues');
  });

  it('escapes what was typed', async () => {
    const answer = await logIn(openBrowser(site.app, { address: freshAddress() }), '"><script>alert(1)</script>', 'x');
    expect(answer.body).not.toContain('<script');
    expect(answer.body).toContain('&quot;&gt;&lt;script&gt;');
  });
});
