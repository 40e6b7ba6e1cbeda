import { describe, expect, it } from 'vitest';
import { leftOut } from './left-out.ts';

describe('AI_CORE_TEST_WITHOUT', () => {
  it('leaves nothing out when it is empty', () => {
    expect(leftOut('')).toEqual([]);
  });

  it('takes several names, with or without spaces', () => {
    expect(leftOut('redis, browser')).toEqual(['redis', 'browser']);
  });

  it('refuses a name that cannot be left out', () => {
    expect(() => leftOut('redis,postgres')).toThrow('knows redis, browser, python, not "postgres"');
  });
});
