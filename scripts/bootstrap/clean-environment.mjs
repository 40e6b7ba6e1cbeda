import { accessSync, constants, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Settings that say how to reach the registry; everything else an outer `npm run` exports describes that npm and not ours. */
const CONNECTION =
  /^npm_config_(registry|cache|userconfig|globalconfig|proxy|https_proxy|noproxy|cafile|ca|strict_ssl|@.*:registry|\/\/.*)$/i;
const FROM_NPM = /^(npm_|INIT_CWD$)/i;

/**
 * This process's environment without what npm added to it.
 * @param {Record<string, string | undefined>} [extra] set on top
 */
export function cleanEnvironment(extra = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !FROM_NPM.test(name) || CONNECTION.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/** @param {string} folder */
function isUsableHome(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The environment for npm and pnpm. Service accounts often have no home they could keep a cache in: they get one in the toolchain folder.
 * @param {string} tools the toolchain folder
 * @param {Record<string, string | undefined>} [extra] set on top
 */
export function installEnvironment(tools, extra = {}) {
  const home = isUsableHome(homedir()) ? {} : { HOME: path.join(tools, 'home'), npm_config_cache: path.join(tools, 'home', '.npm') };
  // NODE_ENV=production would leave out what the tests and checks need.
  return cleanEnvironment({ NODE_ENV: undefined, ...home, ...extra });
}
