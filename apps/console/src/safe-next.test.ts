import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toSafeNext } from './safe-next.ts';

describe('toSafeNext', () => {
  it.each(['/', '/queues', '/queues/queue/text-openai?status=failed&page=2'])('keeps %s', (next) => {
    expect(toSafeNext(next)).toBe(next);
  });

  it.each([
    '',
    'queues',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '/..//evil.example',
  ])('goes to the start page instead of %j', (next) => {
    expect(toSafeNext(next)).toBe('/');
  });

  it('never leads away from this server', () => {
    const pieces = fc.array(fc.constantFrom('/', '\\', '.', '..', '\t', '\n', '@', ':', '?', '#', '%2f', 'evil.example', 'http:', 'a'), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(pieces, (parts) => {
        const target = new URL(toSafeNext(`/${parts.join('')}`), 'https://console.example');
        return target.origin === 'https://console.example';
      }),
    );
  });
});
