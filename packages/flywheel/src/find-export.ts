import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { besideOf } from '@ai-core/store';

const Manifest = z.object({
  files: z.object({ train: z.object({ sha256: z.string() }), validation: z.object({ sha256: z.string(), bytes: z.number() }) }),
});

export interface FoundExport {
  readonly manifestPath: string;
  readonly manifestSha256: string;
  /** null = the export has no validation example, or its file has gone or changed. */
  readonly validationFile: string | null;
}

async function hashFile(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch {
    return null;
  }
  return hash.digest('hex');
}

/** The export that a data file comes from: its manifest stands beside it and names its very bytes. @returns null for any other file */
export async function findExport(dataFile: string): Promise<FoundExport | null> {
  const manifestPath = besideOf(dataFile, 'manifest');
  const text = await readFile(manifestPath, 'utf8').catch(() => null);
  if (text === null) return null;
  const manifest = Manifest.safeParse(JSON.parse(text));
  if (!manifest.success || (await hashFile(dataFile)) !== manifest.data.files.train.sha256) return null;
  const validation = besideOf(dataFile, 'validation');
  const { sha256, bytes } = manifest.data.files.validation;
  const isThere = bytes > 0 && (await hashFile(validation)) === sha256;
  return { manifestPath, manifestSha256: createHash('sha256').update(text).digest('hex'), validationFile: isThere ? validation : null };
}
