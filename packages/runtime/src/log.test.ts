import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createLog } from './log.ts';

function logged(write: (log: ReturnType<typeof createLog>) => void): Record<string, unknown> {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'log-')), 'app.log');
  write(createLog({ level: 'info', name: 'test', file }));
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}

it('writes 64-bit amounts as strings, since a JSON number would round them', () => {
  const line = logged((log) => log.info({ costNanoUsd: 9_007_199_254_740_993n, nested: { ids: [1n] } }, 'billed'));
  expect(line).toMatchObject({ costNanoUsd: '9007199254740993', nested: { ids: ['1'] }, msg: 'billed', app: 'test' });
});

it('never writes a credential', () => {
  const line = logged((log) => log.info({ apiKey: 'sk-live', headers: { authorization: 'Bearer sk-live' } }, 'called'));
  expect(JSON.stringify(line)).not.toContain('sk-live');
});
