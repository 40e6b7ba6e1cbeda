import { createConsoleUser, ensureFirstAdmin, resetPassword } from '@ai-core/store';
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
