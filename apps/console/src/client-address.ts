import { isIPv6 } from 'node:net';

const MAPPED_IPV4 = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/i;
const GROUPS = 8;
/** One customer of a network provider holds at least this much of an IPv6 address: 4 groups = /64. */
const CUSTOMER_GROUPS = 4;

/**
 * The part of a client's address that one client cannot change at will: all of an IPv4 address, the first half of an IPv6 address.
 * @returns for example `203.0.113.7` or `2001:db8:0:1::/64`
 */
export function toClientAddress(address: string): string {
  const bare = address.split('%')[0] ?? address;
  const mapped = MAPPED_IPV4.exec(bare)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(bare)) return bare;
  const [head = '', tail] = bare.toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...before, ...Array.from({ length: Math.max(0, GROUPS - before.length - after.length) }, () => '0'), ...after];
  const customer = groups.slice(0, CUSTOMER_GROUPS).map((group) => Number.parseInt(group, 16).toString(16));
  return `${customer.join(':')}::/64`;
}
