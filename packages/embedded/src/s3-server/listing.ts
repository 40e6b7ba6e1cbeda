import { compareKeys } from './key-order.ts';

export interface ListingWish {
  readonly prefix: string;
  /** Keys with the delimiter after the prefix are folded into one common prefix; empty = none are. */
  readonly delimiter: string;
  /** Only what comes after this key or common prefix. */
  readonly after: string;
  /** Keys and common prefixes together. */
  readonly limit: number;
}

export interface Listing<Item> {
  readonly items: readonly Item[];
  readonly commonPrefixes: readonly string[];
  readonly truncated: boolean;
  /** Last key or common prefix of the page: where the next one goes on. */
  readonly last: string;
}

/**
 * Cuts one page out of a bucket, as ListObjects describes it.
 * @param sorted everything in the bucket in the order of compareKeys
 */
export function cutListing<Item extends { readonly key: string }>(sorted: readonly Item[], wish: ListingWish): Listing<Item> {
  const { prefix, delimiter, after, limit } = wish;
  const items: Item[] = [];
  const commonPrefixes: string[] = [];
  let last = '';
  for (const item of sorted) {
    if (!item.key.startsWith(prefix) || compareKeys(item.key, after) <= 0) continue;
    const cut = delimiter === '' ? -1 : item.key.indexOf(delimiter, prefix.length);
    const folded = cut < 0 ? undefined : item.key.slice(0, cut + delimiter.length);
    // A page that ended with a common prefix has already told all keys below it.
    if (folded !== undefined && (folded === after || folded === commonPrefixes.at(-1))) continue;
    if (items.length + commonPrefixes.length >= limit) return { items, commonPrefixes, truncated: limit > 0, last };
    if (folded === undefined) items.push(item);
    else commonPrefixes.push(folded);
    last = folded ?? item.key;
  }
  return { items, commonPrefixes, truncated: false, last };
}
