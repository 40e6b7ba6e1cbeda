/**
 * The console's user interface, built once from apps/console/web by Vite: the only thing of AI Core that is built. A fresh clone, and
 * one whose sources have changed, is built in the background while the server serves already; what was built is kept in dist/.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const APP_FOLDER = fileURLToPath(new URL('..', import.meta.url));
const WEB_FOLDER = path.join(APP_FOLDER, 'web');
const DIST_FOLDER = path.join(APP_FOLDER, 'dist');
/** Everything the result depends on; the catalog holds the versions of the libraries. */
const SOURCES = ['web/**/*.{ts,tsx,html,css,svg}', 'package.json', '../../pnpm-workspace.yaml'];
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
};

export interface WebFile {
  readonly type: string;
  readonly bytes: Buffer;
  /** The same, compressed; null where that saves nothing. */
  readonly gzipped: Buffer | null;
}

export interface WebApp {
  /** The document, with NONCE where the nonce of its styles belongs. */
  readonly page: string;
  /** By the last part of the address. */
  readonly files: ReadonlyMap<string, WebFile>;
}

/** Stands in the built page for the nonce of one answer. */
export const NONCE = '__NONCE__';

/** Names the result of these sources: a folder of that name is it. */
function hashSources(): string {
  const hash = createHash('sha256');
  for (const file of globSync(SOURCES, { cwd: APP_FOLDER }).toSorted()) hash.update(file).update(readFileSync(path.join(APP_FOLDER, file)));
  return hash.digest('hex').slice(0, 16);
}

function load(folder: string): WebApp {
  const files = new Map<string, WebFile>();
  const assets = path.join(folder, 'app');
  for (const name of readdirSync(assets)) {
    const bytes = readFileSync(path.join(assets, name));
    const type = TYPES[path.extname(name)] ?? 'application/octet-stream';
    files.set(name, { type, bytes, gzipped: type.startsWith('text/') ? gzipSync(bytes) : null });
  }
  return { page: readFileSync(path.join(folder, 'index.html'), 'utf8'), files };
}

async function runVite(outFolder: string): Promise<void> {
  const vite = path.join(path.dirname(fileURLToPath(import.meta.resolve('vite/package.json'))), 'bin/vite.js');
  const child = spawn(process.execPath, [vite, 'build', WEB_FOLDER, '--outDir', outFolder, '--logLevel', 'error'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // A test run would make a slower build for developers, under the same name.
    env: { NODE_ENV: 'production' },
  });
  let complaint = '';
  child.stderr.on('data', (text: Buffer) => (complaint = `${complaint}${text.toString()}`.slice(-4_000)));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`the build of the console's pages failed: ${complaint}`))));
  });
}

/**
 * The user interface, built when it is not there or out of date. Several processes may do so at once: the first one's result stays.
 * @throws Error with what the build complained about
 */
export async function prepareWebApp(): Promise<WebApp> {
  const folder = path.join(DIST_FOLDER, hashSources());
  if (!existsSync(folder)) {
    mkdirSync(DIST_FOLDER, { recursive: true });
    const fresh = `${folder}.${process.pid}`;
    try {
      await runVite(fresh);
      if (!existsSync(folder)) renameSync(fresh, folder);
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
  }
  return load(folder);
}
