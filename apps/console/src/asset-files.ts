import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const FOLDER = new URL('./assets/', import.meta.url);
const TYPES = { 'console.css': 'text/css; charset=utf-8', 'icon.svg': 'image/svg+xml' } as const;
type AssetName = keyof typeof TYPES;

export interface Asset {
  /** Content type. */
  readonly type: string;
  readonly bytes: Buffer;
}

const names = Object.keys(TYPES) as AssetName[];
const assets = new Map<string, Asset>();

/** The name holds the content's hash, so that a browser may keep the file for ever and still sees every change. */
function load(name: AssetName): string {
  const bytes = readFileSync(new URL(name, FOLDER));
  const file = `${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}-${name}`;
  assets.set(file, { type: TYPES[name], bytes });
  return `/assets/${file}`;
}

/** Addresses of the console's own files. */
export const ASSET_URLS = Object.fromEntries(names.map((name) => [name, load(name)])) as Readonly<Record<AssetName, string>>;

/** @param file last part of one of ASSET_URLS */
export function findAsset(file: string): Asset | undefined {
  return assets.get(file);
}
