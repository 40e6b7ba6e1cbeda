import { expect, it } from 'vitest';
import { checkWebhookUrl, isPrivateAddress, readAlertTarget, readWebhookPolicy, resolvePublic } from './webhook-target.ts';

it.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  '::ffff:10.0.0.1',
  'fc00::1',
  'fe80::1',
  'ff02::1',
  '64:ff9b::a00:1',
  '2002:a00:1::',
  'not an address',
])('keeps webhooks from %s', (address) => expect(isPrivateAddress(address)).toBe(true));

it.each(['93.184.216.34', '8.8.8.8', '172.32.0.1', '2606:2800:220:1:248:1893:25c8:1946'])('lets webhooks go to %s', (address) =>
  expect(isPrivateAddress(address)).toBe(false),
);

it('lets a wildcard stand for every host below, not for the name itself', () => {
  const policy = readWebhookPolicy(' *.example.com, hooks.example.org ');
  expect(checkWebhookUrl('https://a.b.example.com/x', policy).hostname).toBe('a.b.example.com');
  expect(() => checkWebhookUrl('https://example.com/x', policy)).toThrow(/FORBIDDEN/);
  expect(() => checkWebhookUrl('https://badexample.com/x', policy)).toThrow(/FORBIDDEN/);
  expect(() => checkWebhookUrl('http://hooks.example.org/x', policy)).toThrow(/REQUEST_INVALID/);
});

it('resolves no host to this machine', async () => {
  await expect(resolvePublic('localhost', readWebhookPolicy('localhost'))).rejects.toThrow(/not public/);
  await expect(resolvePublic('127.0.0.1', readWebhookPolicy('127.0.0.1'))).rejects.toThrow(/not public/);
});

it('takes an address for alerts only with a secret that signs, and only where webhooks may go', () => {
  const policy = readWebhookPolicy('hooks.example.org');
  const [url, secret] = ['https://hooks.example.org/budgets', `whsec_${'QUJD'.repeat(8)}`];
  expect(readAlertTarget(undefined, undefined, policy)).toBeUndefined();
  expect(readAlertTarget(url, secret, policy)).toEqual({ url, secret });
  for (const [wrongUrl, wrongSecret] of [
    [url, undefined],
    [undefined, secret],
    [url, 'whsec_short'],
    ['https://elsewhere.example.org/', secret],
    ['http://hooks.example.org/', secret],
  ] as const)
    expect(() => readAlertTarget(wrongUrl, wrongSecret, policy)).toThrow(/REQUEST_INVALID|FORBIDDEN/);
});
