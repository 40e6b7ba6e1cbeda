import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Objects } from '@ai-core/store';
import type { Finding } from './finding.ts';
import type { MemoryRow } from './ledger.ts';

const AT_ONCE = 8;

/** What the object store has under a name, or undefined. */
async function lookInto(objects: Objects, file: string): Promise<{ bytes: number; sha256: string } | undefined> {
  const opened = await objects.get(file);
  if (opened === undefined) return undefined;
  const content = await buffer(opened.stream);
  return { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

/** Reads every MP3 that the ledger names, and finds those that are missing, cut or other ones. */
export async function findMissingSounds(memories: readonly MemoryRow[], objects: Objects): Promise<Finding[]> {
  const findings: Finding[] = [];
  const left = memories.values();
  async function look(): Promise<void> {
    for (const { id, answer, sound } of left) {
      if (sound === null) continue;
      const found = await lookInto(objects, sound.file);
      if (found?.bytes === sound.bytes && found.sha256 === answer) continue;
      findings.push({ kind: 'missing_sounds', evidence: { memoryId: id, file: sound.file, bytes: sound.bytes, sha256: answer, found } });
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  return findings;
}
