import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog, type Logger } from './log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ai-core-log-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The one line that is written. */
function logged(write: (log: Logger) => void): Record<string, unknown> {
  const file = path.join(folder, 'logs', 'app.log');
  write(createLog({ level: 'info', name: 'test', file }));
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}

describe('the log', () => {
  it('writes 64-bit amounts as strings, since a JSON number would round them', () => {
    const line = logged((log) => log.info({ costNanoUsd: 9_007_199_254_740_993n, nested: { ids: [1n] } }, 'billed'));
    expect(line).toMatchObject({ costNanoUsd: '9007199254740993', nested: { ids: ['1'] }, msg: 'billed', app: 'test', level: 'info' });
  });

  it('writes no credential that stands in a field', () => {
    const line = logged((log) =>
      log.info({ apiKey: 'k-1', request: { options: { headers: { Authorization: 'k-2', cookie: ['k-3'] } } } }, 'called'),
    );
    expect(JSON.stringify(line)).not.toMatch(/k-\d/);
  });

  it('writes no credential that stands in an error, its cause or what a library hung on it', () => {
    const cause = new Error('connect postgres://app:hunter2@127.0.0.1:5432/db failed');
    const error = Object.assign(new Error('Incorrect API key provided: sk-live-0123456789', { cause }), {
      request: { headers: { 'x-api-key': 'hunter3' } },
    });
    const line = JSON.stringify(logged((log) => log.error({ err: error }, 'Bearer abcdef0123456789 was refused')));
    expect(line).not.toMatch(/hunter|sk-live|abcdef/);
    expect(line).toContain('postgres://app:[secret]@127.0.0.1:5432/db failed');
    expect(line).toContain('Bearer [secret] was refused');
  });

  it('tells the causes of an error and the errors of an aggregate', () => {
    const error = new AggregateError([new TypeError('first')], 'all failed', { cause: new Error('no network') });
    expect(logged((log) => log.error(error))).toMatchObject({
      msg: 'all failed',
      err: { message: 'all failed', cause: { message: 'no network' }, errors: [{ type: 'TypeError', message: 'first' }] },
    });
  });

  it('keeps counts of tokens and yes-or-no fields, which only sound like secrets', () => {
    expect(logged((log) => log.info({ tokens: 12, inputToken: 3, hasPassword: true }, 'counted'))).toMatchObject({
      tokens: 12,
      inputToken: 3,
      hasPassword: true,
    });
  });

  it('survives a value that contains itself', () => {
    const value: Record<string, unknown> = { name: 'loop' };
    value['self'] = value;
    expect(JSON.stringify(logged((log) => log.info({ value }, 'odd')))).toContain('[deep]');
  });

  it('does not write below its level', () => {
    const line = logged((log) => {
      log.debug('hidden');
      log.warn('shown');
    });
    expect(line).toMatchObject({ msg: 'shown' });
  });
});
