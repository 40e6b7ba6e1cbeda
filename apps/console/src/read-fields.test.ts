import { describe, expect, it } from 'vitest';
import { readFields } from './read-fields.ts';

describe('readFields', () => {
  it('gives the named texts and nothing else', () => {
    expect(readFields({ name: 'a', extra: 'b' }, ['name', 'password'])).toEqual({ name: 'a', password: '' });
  });

  it('takes a list, a number, an inherited property or no body at all for an empty field', () => {
    for (const body of [
      { name: ['a', 'b'] },
      { name: 1 },
      { name: { toString: 'x' } },
      Object.create({ name: 'inherited' }),
      null,
      undefined,
      'name=a',
    ]) {
      expect(readFields(body, ['name'])).toEqual({ name: '' });
    }
  });
});
