import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Header by which a server proves that it is the one that wrote the owner's note. */
export const INSTANCE_HEADER = 'x-amz-id-2';

interface Owner {
  readonly url: string;
  readonly instance: string;
}

const ANSWER_WITHIN_MS = 2_000;

function readOwner(note: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(note, 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

async function isServing(owner: Owner): Promise<boolean> {
  try {
    const answer = await fetch(owner.url, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) });
    await answer.body?.cancel();
    return answer.headers.get(INSTANCE_HEADER) === owner.instance;
  } catch {
    return false;
  }
}

/** @throws Error when a living server serves the folder: two would not see each other's objects */
export async function refuseSharedFolder(dir: string): Promise<void> {
  const owner = readOwner(noteOf(dir));
  if (owner && (await isServing(owner))) {
    throw new Error(`another dev S3 server serves ${dir} at ${owner.url}; stop it, use it, or give this one another folder`);
  }
}

function noteOf(dir: string): string {
  return path.join(dir, '.owner.json');
}

/** Notes who serves a folder. @returns what takes the note away again */
export function claimFolder(dir: string, owner: Owner): () => void {
  mkdirSync(dir, { recursive: true });
  writeFileSync(noteOf(dir), JSON.stringify(owner), { mode: 0o600 });
  return () => {
    if (readOwner(noteOf(dir))?.instance === owner.instance) rmSync(noteOf(dir), { force: true });
  };
}
