import { checkRead, checkWrite } from './conditions.ts';
import { headerOf, sendXml, type Exchange, type Operation } from './exchange.ts';
import { readConditions, readObjectHeaders, readTagHeader } from './object-headers.ts';
import { S3Error } from './s3-error.ts';
import type { StoredObject } from './stored-object.ts';
import { document, textElement } from './xml.ts';

function readSource(exchange: Exchange): { bucket: string; key: string } {
  const [path = '', version] = (headerOf(exchange, 'x-amz-copy-source') ?? '').split('?versionId=');
  if (version !== undefined) throw new S3Error('NotImplemented', { message: 'Versions are not implemented.' });
  let decoded: string;
  try {
    decoded = decodeURIComponent(path).replace(/^\//, '');
  } catch {
    throw new S3Error('InvalidURI');
  }
  const slash = decoded.indexOf('/');
  if (slash < 1 || slash === decoded.length - 1) {
    throw new S3Error('InvalidArgument', { message: 'x-amz-copy-source must be bucket/key.' });
  }
  return { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1) };
}

function replaces(exchange: Exchange, header: string): boolean {
  return headerOf(exchange, header)?.toUpperCase() === 'REPLACE';
}

/** For a copy, what would be "not modified" of a read is a failed precondition. */
function checkCopySource(exchange: Exchange, object: StoredObject): void {
  try {
    checkRead(readConditions(exchange, 'x-amz-copy-source-'), object);
  } catch (error) {
    throw error instanceof S3Error && error.code === 'NotModified' ? new S3Error('PreconditionFailed') : error;
  }
}

/** CopyObject: the same bytes under another key, or new headers for the same key. */
export const copyObject: Operation = (exchange) => {
  const { folder, address } = exchange;
  const source = readSource(exchange);
  const object = folder.object(source.bucket, source.key);
  checkCopySource(exchange, object);
  checkWrite(readConditions(exchange), folder.bucket(address.bucket).get(address.key));
  const newHeaders = replaces(exchange, 'x-amz-metadata-directive');
  if (!newHeaders && source.bucket === address.bucket && source.key === address.key) {
    throw new S3Error('InvalidRequest', { message: 'A copy of an object to itself must change its headers or metadata.' });
  }
  const { size, etag, checksums } = object;
  const stored = folder.commitCopy(
    address.bucket,
    {
      key: address.key,
      size,
      etag,
      checksums,
      headers: newHeaders ? readObjectHeaders(exchange) : object.headers,
      tags: replaces(exchange, 'x-amz-tagging-directive') ? readTagHeader(exchange) : object.tags,
    },
    { bucket: source.bucket, object },
  );
  sendXml(exchange, document('CopyObjectResult', [textElement('LastModified', stored.modified), textElement('ETag', stored.etag)]));
};
