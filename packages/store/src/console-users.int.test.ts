import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { findSession, openSession } from './console-sessions.ts';
import { createConsoleUser, ensureFirstAdmin, findConsoleUser, findPasswordFault, resetPassword, setPassword } from './console-users.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ serverUrl: inject('databaseUrl'), template: inject('templateDatabase') });
});
afterAll(() => test.drop());

async function hashOf(name: string): Promise<string> {
  const { rows } = await test.database.pool.query<{ password_hash: string }>('select password_hash from ai_console_user where name = $1', [
    name,
  ]);
  return rows[0]?.password_hash ?? '';
}

describe('ensureFirstAdmin', () => {
  it('makes one admin, however many processes start at once, and tells one of them the password', async () => {
    const made = (await Promise.all(Array.from({ length: 6 }, () => ensureFirstAdmin(test.database)))).filter((login) => login !== null);
    expect(made).toHaveLength(1);
    const [login] = made;
    const user = await findConsoleUser(test.database, login ?? { name: '', password: '' });
    expect(user).toMatchObject({ name: 'admin', role: 'admin', mustChangePassword: true });
    expect(await ensureFirstAdmin(test.database)).toBeNull();
  });
});

describe('createConsoleUser', () => {
  it('gives a one-time password that is not kept anywhere', async () => {
    const login = await createConsoleUser(test.database, { name: ' Ann.B ', role: 'operator' });
    expect(login.name).toBe('ann.b');
    expect(await findConsoleUser(test.database, { ...login, name: 'ANN.B' })).toMatchObject({ role: 'operator', mustChangePassword: true });
    expect(await hashOf('ann.b')).not.toContain(login.password);
  });

  it('refuses a name that is taken or is none', async () => {
    await createConsoleUser(test.database, { name: 'taken', role: 'viewer' });
    await expect(createConsoleUser(test.database, { name: 'TAKEN', role: 'admin' })).rejects.toThrow('already a user named taken');
    for (const name of ['', 'a b', '<script>', 'x'.repeat(65), '-a']) {
      await expect(createConsoleUser(test.database, { name, role: 'viewer' })).rejects.toThrow('REQUEST_INVALID');
    }
  });
});

describe('findConsoleUser', () => {
  it('hashes a password again when its hash was made with another cost', async () => {
    await createConsoleUser(test.database, { name: 'old', role: 'viewer' });
    // "password" with the reference implementation, at another cost.
    const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    await test.database.pool.query(`update ai_console_user set password_hash = $1 where name = 'old'`, [hash]);
    expect(await findConsoleUser(test.database, { name: 'old', password: 'wrong' })).toBeNull();
    expect(await hashOf('old')).toBe(hash);
    expect(await findConsoleUser(test.database, { name: 'old', password: 'password' })).not.toBeNull();
    expect(await hashOf('old')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await findConsoleUser(test.database, { name: 'old', password: 'password' })).not.toBeNull();
  });
});

describe('resetPassword and setPassword', () => {
  it('make the old password and every open session worth nothing', async () => {
    const first = await createConsoleUser(test.database, { name: 'reset', role: 'viewer' });
    const user = await findConsoleUser(test.database, first);
    const { token } = await openSession(test.database, user?.id ?? '');
    expect(await findSession(test.database, token, true)).not.toBeNull();

    const second = await resetPassword(test.database, 'Reset');
    expect(await findSession(test.database, token, true)).toBeNull();
    expect(await findConsoleUser(test.database, first)).toBeNull();
    expect(await findConsoleUser(test.database, second)).toMatchObject({ mustChangePassword: true });

    const { token: later } = await openSession(test.database, user?.id ?? '');
    await setPassword(test.database, user?.id ?? '', 'one of my own choice');
    expect(await findSession(test.database, later, true)).toBeNull();
    expect(await findConsoleUser(test.database, { name: 'reset', password: 'one of my own choice' })).toMatchObject({
      mustChangePassword: false,
    });
  });

  it('says so when there is no such user', async () => {
    await expect(resetPassword(test.database, 'nobody')).rejects.toThrow('NOT_FOUND: there is no console user named nobody');
  });
});

describe('findPasswordFault', () => {
  it.each([
    ['elevensigns', 'at least 12'],
    ['x'.repeat(129), 'at most 128'],
    ['abababababababab', 'different characters'],
    ['annabella-annabella', 'more than your name'],
  ])('finds fault with %s', (password, fault) => {
    expect(findPasswordFault(password, 'annabella')).toContain(fault);
  });

  it.each(['correct horse battery', 'パスワードは長いほうがよい', '7k2mq-9xw3d-00abc-qrstv'])('finds none with %s', (password) => {
    expect(findPasswordFault(password, 'ann')).toBeNull();
  });
});
