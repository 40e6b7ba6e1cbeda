import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { AiCoreError } from '@ai-core/core';

/** Where webhooks may go. */
export interface WebhookPolicy {
  /** Host names, or *.example.com for every host below; empty = webhooks are off. */
  readonly hosts: readonly string[];
  /** True lets them go to this machine and to private networks, and over plain HTTP: for tests. */
  readonly allowPrivate?: boolean | undefined;
}

/** @param hosts value of AI_CORE_WEBHOOK_HOSTS */
export function readWebhookPolicy(hosts: string | undefined): WebhookPolicy {
  const names = (hosts ?? '').split(',').map((host) => host.trim());
  return { hosts: names.filter((host) => host !== '') };
}

/** Where alerts of budgets go. */
export interface AlertTarget {
  readonly url: string;
  /** Signs them, in the form of Standard Webhooks: whsec_ and base64. */
  readonly secret: string;
}

/**
 * @param url value of AI_CORE_ALERT_WEBHOOK_URL
 * @param secret value of AI_CORE_ALERT_WEBHOOK_SECRET
 * @throws REQUEST_INVALID for one without the other, a secret of another form, and an address that webhooks may not go to
 */
export function readAlertTarget(url: string | undefined, secret: string | undefined, policy: WebhookPolicy): AlertTarget | undefined {
  if (url === undefined && secret === undefined) return undefined;
  if (url === undefined || secret === undefined)
    throw new AiCoreError(
      'REQUEST_INVALID',
      'AI_CORE_ALERT_WEBHOOK_URL and AI_CORE_ALERT_WEBHOOK_SECRET come together; set both or neither',
    );
  if (!/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(secret))
    throw new AiCoreError('REQUEST_INVALID', 'AI_CORE_ALERT_WEBHOOK_SECRET must be whsec_ and 24 bytes or more in base64');
  checkWebhookUrl(url, policy);
  return { url, secret };
}

/** Addresses that are not the public internet's: this machine, private and reserved networks, cloud metadata. */
const PRIVATE_V4 = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  PRIVATE_V4.addSubnet(network, bits, 'ipv4');
/** Everything but global unicast, and within it the ranges that embed or document other addresses. In one list with the others it would catch every IPv4 address as a mapped one. */
const PRIVATE_V6 = new BlockList();
for (const [network, bits] of [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  PRIVATE_V6.addSubnet(network, bits, 'ipv6');

/** @returns true for an address a webhook must not reach */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  return family === 6 ? PRIVATE_V6.check(address, 'ipv6') : PRIVATE_V4.check(address, 'ipv4');
}

function isAllowed(host: string, allowed: string): boolean {
  const name = allowed.toLowerCase();
  return name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name;
}

/**
 * Checks where a webhook is to go, before it is promised and again before it is sent.
 * @throws REQUEST_INVALID, FORBIDDEN for a host the operator has not allowed
 */
export function checkWebhookUrl(text: string, { hosts, allowPrivate = false }: WebhookPolicy): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')))
    throw new AiCoreError('REQUEST_INVALID', 'webhook_url must be an https address');
  if (url.username !== '' || url.password !== '') throw new AiCoreError('REQUEST_INVALID', 'webhook_url must not hold a name or password');
  const host = url.hostname.toLowerCase();
  if (!hosts.some((allowed) => isAllowed(host, allowed)))
    throw new AiCoreError('FORBIDDEN', 'webhook_url names a host that AI_CORE_WEBHOOK_HOSTS does not allow');
  return url;
}

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/**
 * Resolves a host once; the connection is then made to this very address, so that a name cannot be allowed as one and reached as another.
 * @throws Error when it has no address that may be reached
 */
export async function resolvePublic(host: string, { allowPrivate = false }: WebhookPolicy): Promise<ResolvedAddress> {
  const addresses = await lookup(host.replace(/^\[|\]$/g, ''), { all: true });
  const usable = addresses.find(({ address }) => allowPrivate || !isPrivateAddress(address));
  // One private address among public ones is reason enough: somebody is playing with the name.
  const isMixed = !allowPrivate && addresses.some(({ address }) => isPrivateAddress(address));
  if (usable === undefined || isMixed) throw new Error('the host has an address that is not public');
  return usable;
}
