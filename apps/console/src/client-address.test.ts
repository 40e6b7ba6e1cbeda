import { describe, expect, it } from 'vitest';
import { toClientAddress } from './client-address.ts';

describe('toClientAddress', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:aaaa:bbbb:cccc:dddd', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
  ])('counts %s as %s', (address, counted) => {
    expect(toClientAddress(address)).toBe(counted);
  });

  it('counts all addresses of one IPv6 customer as one', () => {
    expect(toClientAddress('2001:db8:1:2::1')).toBe(toClientAddress('2001:db8:1:2:ffff:ffff:ffff:ffff'));
    expect(toClientAddress('2001:db8:1:2::1')).not.toBe(toClientAddress('2001:db8:1:3::1'));
  });
});
