import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSpool } from './spool.ts';

const SOUND = { file: 'sounds/ab.mp3', bytes: 3, seconds: 1, format: 'mp3', sha256: 'ab' } as const;

describe('the spool', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'ai-core-spool-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function leave(name: string, ageMinutes: number): void {
    const file = path.join(folder, name);
    writeFileSync(file, 'half');
    const then = new Date(Date.now() - ageMinutes * 60_000);
    utimesSync(file, then, then);
  }

  // The crash lab: a worker was killed while it wrote, and its draft stayed on the disk for ever.
  it('removes after a while what a killed worker has left half written, and nothing else', () => {
    const spool = openSpool(folder);
    spool.keepSound('ab', Buffer.from('abc'));
    spool.keep({ workerId: 'worker', answer: { attempt_id: 'attempt' }, sound: SOUND });
    leave('ab.mp3', 60);
    leave('cd.mp3', 60);
    leave('ef.mp3', 1);
    leave('.1-old.json', 60);
    leave('.2-new.json', 1);
    const [answer] = spool.list();
    expect(answer?.spooled).toMatchObject({ workerId: 'worker', sound: { sha256: 'ab' } });
    expect(new Set(readdirSync(folder))).toEqual(new Set(['.2-new.json', answer?.name, 'ab.mp3', 'ef.mp3']));
  });
});
