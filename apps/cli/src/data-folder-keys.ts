/** Keys that are made once for a data folder and stay in it, readable by their owner only. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createSealKey } from '@ai-core/core';
import type { Environment } from '@ai-core/runtime';

/** @returns what the file holds; when there is none yet, what `make` gives, written down first */
function readOrMake(folder: string, name: string, make: () => string): string {
  const file = path.join(folder, name);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    mkdirSync(folder, { recursive: true });
    try {
      writeFileSync(file, make(), { mode: 0o600, flag: 'wx' });
    } catch (error) {
      // Another process made it in the same moment.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    return readFileSync(file, 'utf8').trim();
  }
}

export interface S3Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The key of the embedded object store. */
export function readOrMakeS3Key(folder: string): S3Key {
  const make = (): string =>
    JSON.stringify({
      accessKeyId: `AICORE${randomBytes(7).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64url'),
    });
  return JSON.parse(readOrMake(folder, 's3-key.json', make)) as S3Key;
}

/** The key that seals personal data: the one of the environment, or one made for this data folder. */
export function readOrMakeSealKey(environment: Environment, folder: string): string {
  return environment.AI_CORE_SEAL_KEY ?? readOrMake(folder, 'seal-key', createSealKey);
}
