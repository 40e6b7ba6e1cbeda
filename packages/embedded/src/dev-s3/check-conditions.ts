import type { ObjectRecord } from './object-index.ts';
import { S3Error } from './s3-error.ts';

type Headers = ReadonlyMap<string, string>;

/** @returns whether a list of ETags names this object; `*` names any */
function names(etags: string, object: ObjectRecord | undefined): boolean {
  if (object === undefined) return false;
  const isThis = (etag: string): boolean => etag.trim().replace(/^W\/|"/g, '') === object.etag.replaceAll('"', '');
  return etags.trim() === '*' || etags.split(',').some(isThis);
}

/** HTTP dates know no milliseconds. A date that cannot be read is as if it were not there (RFC 9110 §13.1.3). */
function isModifiedSince(date: string, object: ObjectRecord): boolean | undefined {
  const sinceMs = Date.parse(date);
  return Number.isNaN(sinceMs) ? undefined : Math.floor(object.modifiedMs / 1000) * 1000 > sinceMs;
}

/**
 * Conditions of GET, HEAD and the source of a copy, in the order of RFC 9110 §13.2.2.
 * @param prefix what precedes the names of the headers
 * @throws S3Error `PreconditionFailed`; `NotModified`, which a copy is told as `PreconditionFailed`
 */
export function checkReadConditions(headers: Headers, object: ObjectRecord, prefix = ''): void {
  const [match, noneMatch] = [headers.get(`${prefix}if-match`), headers.get(`${prefix}if-none-match`)];
  const [since, notSince] = [headers.get(`${prefix}if-modified-since`), headers.get(`${prefix}if-unmodified-since`)];
  const unchanged = (): S3Error =>
    prefix === '' ? new S3Error('NotModified', undefined, { etag: object.etag }) : new S3Error('PreconditionFailed');

  if (match !== undefined && !names(match, object)) throw new S3Error('PreconditionFailed');
  if (match === undefined && notSince !== undefined && isModifiedSince(notSince, object) === true) throw new S3Error('PreconditionFailed');
  if (noneMatch !== undefined && names(noneMatch, object)) throw unchanged();
  if (noneMatch === undefined && since !== undefined && isModifiedSince(since, object) === false) throw unchanged();
}

/**
 * Conditions of a write. To be the one of several writers who wins, check again in the same step as the change of the index.
 * @param current the object that the write would replace
 * @throws S3Error `PreconditionFailed`; `NoSuchKey` when If-Match names something that is not there
 */
export function checkWriteConditions(headers: Headers, current: ObjectRecord | undefined): void {
  const [match, noneMatch] = [headers.get('if-match'), headers.get('if-none-match')];
  if (match !== undefined && current === undefined) throw new S3Error('NoSuchKey');
  if (match !== undefined && !names(match, current)) throw new S3Error('PreconditionFailed');
  if (noneMatch !== undefined && names(noneMatch, current)) throw new S3Error('PreconditionFailed');
}
