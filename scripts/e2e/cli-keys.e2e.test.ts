import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAiCoreCommand, readRunningFile, type Started } from './ai-core-command.ts';
import { callHttp } from './http-client.ts';

interface Made {
  readonly key: string;
  readonly webhook_secret: string;
}

describe('keys and categories by the ai-core command', () => {
  const command = makeAiCoreCommand();
  let up: Started;
  let url: string;
  beforeAll(async () => {
    up = command.start(['up', '--no-first-job', '--port', '0', '--console-port', '0']);
    await up.hasSaid('AI Core is up');
    url = readRunningFile(command.folder).gatewayUrl;
  });
  afterAll(() => command.remove());

  it('begin with one of an admin, made by the first start', async () => {
    const { document } = await command.runJson(['keys', 'list']);
    expect(document).toMatchObject({ keys: [{ name: 'first', role: 'admin', revoked_at: null }] });
  });

  it('work at the door as soon as they are made, and no longer once they are revoked', async () => {
    const { document } = await command.runJson(['keys', 'create', 'django', '--scope', 'user:*', '--requests-per-minute', '100']);
    const { key, webhook_secret: secret } = document as Made;
    expect([key, secret]).toEqual([expect.stringMatching(/^aic_[\w-]{43}$/), expect.stringMatching(/^whsec_/)]);
    const ask = (scope: string) =>
      callHttp(`${url}/v1/text`, { key, body: { request_type: 'quiz', prompt: 'One question', scope, wait_s: 0 } });
    expect([200, 202]).toContain((await ask('user:1')).status);
    expect((await ask('shared')).status).toBe(403);
    const again = await command.run(['keys', 'create', 'django']);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('names stay in the accounts')]);
    expect((await command.runJson(['keys', 'revoke', 'django'])).document).toEqual({ name: 'django', revoked: true });
    await expect.poll(async () => (await ask('user:1')).status, { timeout: 6_000 }).toBe(401);
    expect((await command.run(['keys', 'revoke', 'django'])).code).toBe(1);
  });

  it('tell what a category may use', async () => {
    const set = await command.runJson(['categories', 'set', 'free', '--tier', 'cheap', '--daily-limit', '2.50']);
    const policy = { user_category: 'free', allowed_tiers: ['cheap'], allowed_models: null, daily_limit_usd: '2.5' };
    expect(set.document).toEqual(policy);
    expect((await command.runJson(['categories', 'list'])).document).toEqual({ categories: [policy] });
    expect((await command.run(['categories', 'set', 'free', '--tier', 'lavish'])).code).toBe(2);
    expect((await command.runJson(['categories', 'remove', 'free'])).document).toEqual({ user_category: 'free', removed: true });
  });
});
