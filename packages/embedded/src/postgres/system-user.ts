import { spawnSync } from 'node:child_process';

/** Whom a program runs as. */
export interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root; one of these users is on every Linux. */
const UNPRIVILEGED = ['postgres', 'nobody'];

function idOf(flag: '-u' | '-g', name: string): number | undefined {
  const result = spawnSync('id', [flag, name], { encoding: 'utf8' });
  return result.status === 0 ? Number(result.stdout) : undefined;
}

/** @returns a user without rights to run PostgreSQL as. @throws Error when this machine has none */
export function findUnprivilegedUser(): SystemUser {
  for (const name of UNPRIVILEGED) {
    const uid = idOf('-u', name);
    const gid = idOf('-g', name);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error(
    `PostgreSQL does not run as root, and there is no user ${UNPRIVILEGED.join(' or ')} here; start as a normal user, or set DATABASE_URL`,
  );
}
