import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AiCoreError, ERROR_CODES, ERRORS, isErrorCode } from './errors.ts';

const PAGE = new URL('../../../docs/errors.md', import.meta.url);

/** The rows of the page's table that begin with a code. */
const documented = readFileSync(PAGE, 'utf8')
  .split('\n')
  .filter((line) => /^\| `[A-Z_]+` \|/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe('docs/errors.md', () => {
  it.each(ERROR_CODES)('describes %s as the table has it', (code) => {
    const rows = documented.filter(([name]) => name === `\`${code}\``);
    expect(rows).toHaveLength(1);
    const [, http, retry, fault, meaning, advice] = rows[0] ?? [];
    const facts = ERRORS[code];
    expect({ http, retry, fault, advice }).toEqual({
      http: String(facts.http),
      retry: facts.retry,
      fault: facts.fault,
      advice: facts.advice,
    });
    expect(meaning?.length).toBeGreaterThan(15);
  });

  it('describes no code that does not exist, and in the order of the table', () => {
    expect(documented.map(([name]) => name)).toEqual(ERROR_CODES.map((code) => `\`${code}\``));
  });
});

describe('ERRORS', () => {
  it('has the 25 codes of the contract', () => {
    expect(ERROR_CODES).toHaveLength(25);
  });

  it.each(ERROR_CODES)('%s has a status that fits its fault and one sentence of advice', (code) => {
    const { http, fault, advice, retry } = ERRORS[code];
    if (fault === 'caller') expect(http).toBeLessThan(500);
    if (fault === 'caller') expect(retry).toBe('never');
    if (retry === 'elsewhere') expect(fault).toBe('provider');
    expect(advice).toMatch(/^[A-Z].*\.$/);
  });
});

describe('AiCoreError', () => {
  it('begins its message with its code, which is all that a queue keeps', () => {
    const error = new AiCoreError('PROVIDER_RATE_LIMITED', 'openai said 429.', { retryAfterMs: 1500, jobId: 'job-1' });
    expect(error).toMatchObject({
      name: 'AiCoreError',
      message: 'PROVIDER_RATE_LIMITED: openai said 429.',
      reason: 'openai said 429.',
      retryAfterMs: 1500,
      jobId: 'job-1',
    });
    expect(error.facts).toBe(ERRORS.PROVIDER_RATE_LIMITED);
  });

  it('is recognised across copies of this package, and nothing else is', () => {
    const copy = Object.assign(new Error('x'), { [Symbol.for('ai-core.error')]: true });
    expect(AiCoreError.is(copy)).toBe(true);
    for (const other of [new Error('x'), null, undefined, 'REQUEST_INVALID: x', { code: 'REQUEST_INVALID' }])
      expect(AiCoreError.is(other)).toBe(false);
  });

  it('wraps what was not expected and keeps it as the cause', () => {
    const cause = new TypeError('secret detail');
    const error = AiCoreError.from(cause);
    expect(error).toMatchObject({ code: 'INTERNAL', cause });
    expect(error.message).not.toContain('secret');
    expect(AiCoreError.from(error)).toBe(error);
  });

  it('has no cause when none is given', () => {
    expect('cause' in new AiCoreError('NOT_FOUND', 'no such job.')).toBe(false);
  });

  it('knows its codes and nothing that only looks like one', () => {
    expect(isErrorCode('NOT_FOUND')).toBe(true);
    for (const code of ['toString', '__proto__', 'not_found', '']) expect(isErrorCode(code)).toBe(false);
  });
});
