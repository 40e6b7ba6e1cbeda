import { keyBytes, type ListedObject, type ObjectIndex } from './object-index.ts';

export interface PageOptions {
  readonly bucket: string;
  readonly prefix: string;
  /** Keys that share what precedes it, after the prefix, become one entry; empty for none. */
  readonly delimiter: string;
  /** Name after which the page begins; empty for the first page. */
  readonly after: string;
  readonly maxKeys: number;
}

export interface Page {
  readonly objects: readonly ListedObject[];
  readonly commonPrefixes: readonly string[];
  /** Last name of the page, when there are more. */
  readonly next: string | undefined;
}

/** No UTF-8 text contains this byte: what begins with a name sorts before the name with it at its end. */
const BEYOND = Buffer.from([0xff]);
const NEXT = Buffer.from([0]);

/** Collects one page of a listing; jumps over the keys behind a common prefix instead of reading them. */
export function collectPage(index: ObjectIndex, { bucket, prefix, delimiter, after, maxKeys }: PageOptions): Page {
  const objects: ListedObject[] = [];
  const commonPrefixes: string[] = [];
  const groupOf = (key: string): string | undefined => {
    const cut = delimiter === '' || !key.startsWith(prefix) ? -1 : key.indexOf(delimiter, prefix.length);
    return cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
  };
  const beyond = (group: string): Buffer => Buffer.concat([keyBytes(group), BEYOND]);

  const groupBefore = groupOf(after);
  const start = after === '' ? keyBytes('') : groupBefore === undefined ? Buffer.concat([keyBytes(after), NEXT]) : beyond(groupBefore);
  let from: Buffer | undefined = Buffer.compare(start, keyBytes(prefix)) < 0 ? keyBytes(prefix) : start;
  let last: string | undefined;
  while (from !== undefined && maxKeys > 0) {
    let jump: Buffer | undefined;
    for (const object of index.scan(bucket, from)) {
      if (!object.key.startsWith(prefix)) break;
      if (objects.length + commonPrefixes.length === maxKeys) return { objects, commonPrefixes, next: last };
      const group = groupOf(object.key);
      last = group ?? object.key;
      if (group !== undefined) {
        commonPrefixes.push(group);
        jump = beyond(group);
        break;
      }
      objects.push(object);
    }
    from = jump;
  }
  return { objects, commonPrefixes, next: undefined };
}
