import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';

/** What to say when no Redis is found. */
export const REDIS_HINT =
  'install Redis 6.2 or newer (Debian, Ubuntu: apt-get install redis-server; Fedora: dnf install valkey; Alpine: apk add redis; macOS: brew install redis), or set REDIS_URL';

const PROGRAMS = ['redis-server', 'valkey-server'];
const USUAL_FOLDERS = ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin', '/usr/sbin', '/usr/local/sbin'];
/** BullMQ warns below. */
const OLDEST = [6, 2] as const;
const LOCK_PATIENCE = 'DPkg::Lock::Timeout=120';

/** @param version like `7.0.15` @returns true when the queue can work with it */
export function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

function searchPath(): string[] {
  return (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Looks for a server program that is new enough.
 * @param folders where to look; default PATH and the usual places
 * @returns its path, or undefined
 */
export function findRedisProgram(folders: readonly string[] = [...searchPath(), ...USUAL_FOLDERS]): string | undefined {
  const candidates = PROGRAMS.flatMap((program) => folders.map((folder) => path.join(folder, program)));
  return candidates.filter(isProgram).find((file) => {
    const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
    return isNewEnough(/v=([\d.]+)/.exec(stdout ?? '')?.[1] ?? '');
  });
}

function isDebianLike(): boolean {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

function aptGet(...words: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync('apt-get', ['-qq', '-o', LOCK_PATIENCE, ...words], { stdio: 'ignore', env }).status === 0;
}

/** Installs Redis from Debian's or Ubuntu's packages when this is root there. @returns true when there is a server now */
export function installRedis(): boolean {
  if (process.getuid?.() !== 0 || !isDebianLike()) return false;
  // Without a network the lists cannot be renewed, and the package may still be at hand.
  aptGet('update');
  return aptGet('install', '-y', '--no-install-recommends', 'redis-server') && findRedisProgram() !== undefined;
}
