import { expect, it } from 'vitest';
import { ERROR_CODES, ERRORS } from './errors.ts';
import { judgeHealth } from './judge-health.ts';

it('keys and quotas break a provider at once, silence makes it unwell, answers of any kind make it well', () => {
  expect(judgeHealth('PROVIDER_AUTH')).toBe('broken');
  expect(judgeHealth('PROVIDER_QUOTA_EXHAUSTED')).toBe('broken');
  expect(judgeHealth('PROVIDER_TIMEOUT')).toBe('unwell');
  expect(judgeHealth('PROVIDER_RATE_LIMITED')).toBe('well');
  expect(judgeHealth('PROVIDER_REFUSED')).toBe('well');
});

it('only failures of a provider are held against it', () => {
  for (const code of ERROR_CODES) {
    const health = judgeHealth(code);
    if (health === 'unwell' || health === 'broken') expect(ERRORS[code].fault).toBe('provider');
  }
});
