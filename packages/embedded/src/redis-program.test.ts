import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findRedisProgram, isNewEnough, REDIS_HINT } from './redis-program.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ai-core-redis-program-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A program that only knows its version. */
function makeProgram(file: string, version: string): string {
  const program = path.join(home, file);
  mkdirSync(path.dirname(program), { recursive: true });
  writeFileSync(program, `#!/bin/sh\necho "${version}"\n`, { mode: 0o755 });
  return program;
}

describe('looking for a Redis program', () => {
  it.each([
    ['6.2', true],
    ['6.2.14', true],
    ['7.0.15', true],
    ['10.0.0', true],
    ['6.0.16', false],
    ['5.0.7', false],
    ['', false],
  ])('takes version %j as new enough: %j', (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });

  it('finds Redis before Valkey, and in the first folder that has it', () => {
    makeProgram('a/valkey-server', 'Valkey server v=8.1.0 sha=00000000:0');
    const redis = makeProgram('b/redis-server', 'Redis server v=7.0.15 sha=00000000:0');
    makeProgram('c/redis-server', 'Redis server v=7.2.0 sha=00000000:0');
    expect(findRedisProgram(['a', 'b', 'c'].map((folder) => path.join(home, folder)))).toBe(redis);
  });

  it('passes over one that is too old for the queue', () => {
    makeProgram('redis-server', 'Redis server v=5.0.14 sha=00000000:0');
    const valkey = makeProgram('valkey-server', 'Valkey server v=8.1.0 sha=00000000:0');
    expect(findRedisProgram([home])).toBe(valkey);
  });

  it('finds nothing where there is none, or only a file that cannot run', () => {
    writeFileSync(path.join(home, 'redis-server'), 'not a program', { mode: 0o644 });
    expect(findRedisProgram([home, path.join(home, 'missing')])).toBeUndefined();
  });

  it('names the one command for each platform', () => {
    for (const command of ['apt-get install redis-server', 'brew install redis']) expect(REDIS_HINT).toContain(command);
  });
});
