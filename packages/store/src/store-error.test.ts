import { describe, expect, it } from 'vitest';
import { isUnavailable, toStoreError } from './store-error.ts';

const failure = (code: string): Error => Object.assign(new Error('disk of customer 42 is full'), { code });

describe('an error of Postgres', () => {
  it.each([
    ['53100', 'the disk is full'],
    ['53200', 'out of memory'],
    ['53300', 'too many connections'],
    ['53400', 'a limit of the configuration'],
    ['58030', 'the disk fails'],
    ['57P01', 'an administrator ends the connection'],
    ['57P02', 'a neighbour crashed'],
    ['57P03', 'the server is starting'],
    ['25006', 'a standby that only reads'],
    ['40001', 'a serialization failure'],
    ['40P01', 'a deadlock'],
    ['55P03', 'a lock was not to be had in time'],
    ['08006', 'the connection broke'],
    ['ECONNREFUSED', 'nobody listens'],
    ['ECONNRESET', 'the connection was reset'],
  ])('%s (%s) means come back later, and says nothing but its code', (code) => {
    const error = toStoreError(failure(code));
    expect(isUnavailable(failure(code))).toBe(true);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', retryAfterMs: 1_000 });
    expect(error.message).toContain(code);
    expect(error.message).not.toContain('42 is full');
  });

  it.each(['23505', '22021', '22P05', '42703', '54001'])('%s is a mistake of ours that would only repeat itself', (code) => {
    expect(isUnavailable(failure(code))).toBe(false);
    expect(toStoreError(failure(code)).code).toBe('INTERNAL');
  });
});
