import { S3Error } from './s3-error.ts';
import type { StoredObject } from './stored-object.ts';

/** The conditional headers of a request, as they were sent. */
export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifUnmodifiedSince?: string | undefined;
}

type Described = Pick<StoredObject, 'etag' | 'modified'>;

/** @param list entity tags, separated by commas, or `*` */
function names(list: string, etag: string): boolean {
  return list.trim() === '*' || list.split(',').some((tag) => tag.trim().replace(/^W\/|"/g, '') === etag.replaceAll('"', ''));
}

/** HTTP dates have whole seconds. An unreadable date counts as no condition (RFC 9110 §13.1.3). */
function isModifiedAfter(object: Described, date: string): boolean | undefined {
  const then = Date.parse(date);
  return Number.isNaN(then) ? undefined : Math.floor(Date.parse(object.modified) / 1000) > Math.floor(then / 1000);
}

/**
 * Decides whether a read may go on. Entity tags win over dates, as in RFC 9110 §13.2.2.
 * @throws S3Error PreconditionFailed, NotModified
 */
export function checkRead(conditions: Conditions, object: Described): void {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!names(ifMatch, object.etag)) throw new S3Error('PreconditionFailed');
  } else if (ifUnmodifiedSince !== undefined && isModifiedAfter(object, ifUnmodifiedSince) === true) {
    throw new S3Error('PreconditionFailed');
  }
  const notModified =
    ifNoneMatch === undefined
      ? ifModifiedSince !== undefined && isModifiedAfter(object, ifModifiedSince) === false
      : names(ifNoneMatch, object.etag);
  if (notModified) {
    throw new S3Error('NotModified', { headers: { etag: object.etag, 'last-modified': new Date(object.modified).toUTCString() } });
  }
}

/**
 * Decides whether a write may replace what is there now: `If-None-Match: *` demands that there is nothing, `If-Match` a certain version.
 * Source: Amazon S3 user guide, "Conditional writes".
 * @throws S3Error PreconditionFailed, NoSuchKey, NotImplemented
 */
export function checkWrite(conditions: Conditions, object: Described | undefined): void {
  const { ifMatch, ifNoneMatch } = conditions;
  if (ifNoneMatch !== undefined) {
    if (ifNoneMatch.trim() !== '*') throw new S3Error('NotImplemented', { message: 'If-None-Match of a write expects the * character.' });
    if (object) throw new S3Error('PreconditionFailed');
  }
  if (ifMatch === undefined) return;
  if (!object) throw new S3Error('NoSuchKey');
  if (!names(ifMatch, object.etag)) throw new S3Error('PreconditionFailed');
}
