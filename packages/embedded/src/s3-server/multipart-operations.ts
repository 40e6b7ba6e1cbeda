import { checksumHeaders } from './checksum.ts';
import { sendEmpty, sendXml, type Exchange, type Operation } from './exchange.ts';
import type { MultipartUpload } from './multipart-uploads.ts';
import { readObjectHeaders, readTagHeader } from './object-headers.ts';
import { receiveFile } from './receive-body.ts';
import { S3Error } from './s3-error.ts';
import { document, element, textElement } from './xml.ts';

const MAX_PART_NUMBER = 10_000;

/** @returns the unfinished upload that a request names. @throws S3Error NoSuchUpload */
export function findUpload(exchange: Exchange): MultipartUpload {
  return exchange.uploads.find(exchange.address.parameters.get('uploadId') ?? '', exchange.address);
}

export const createMultipartUpload: Operation = (exchange) => {
  const { bucket, key } = exchange.address;
  exchange.folder.bucket(bucket);
  const upload = exchange.uploads.start({ bucket, key, headers: readObjectHeaders(exchange), tags: readTagHeader(exchange) });
  sendXml(
    exchange,
    document('InitiateMultipartUploadResult', [textElement('Bucket', bucket), textElement('Key', key), textElement('UploadId', upload.id)]),
  );
};

export const uploadPart: Operation = async (exchange) => {
  const upload = findUpload(exchange);
  const partNumber = Number(exchange.address.parameters.get('partNumber'));
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > MAX_PART_NUMBER) {
    throw new S3Error('InvalidArgument', { message: 'Part number must be an integer between 1 and 10000, inclusive.' });
  }
  const part = await receiveFile(exchange);
  exchange.uploads.keepPart(upload, partNumber, part);
  sendEmpty(exchange, 200, { etag: `"${part.md5}"`, ...checksumHeaders(part.checksums) });
};

export const abortMultipartUpload: Operation = (exchange) => {
  exchange.uploads.end(findUpload(exchange));
  sendEmpty(exchange, 204);
};

export const listParts: Operation = (exchange) => {
  const upload = findUpload(exchange);
  const parts = [...upload.parts].toSorted(([left], [right]) => left - right);
  sendXml(
    exchange,
    document('ListPartsResult', [
      textElement('Bucket', upload.bucket),
      textElement('Key', upload.key),
      textElement('UploadId', upload.id),
      textElement('IsTruncated', false),
      ...parts.map(([number, part]) =>
        element('Part', [textElement('PartNumber', number), textElement('ETag', `"${part.md5}"`), textElement('Size', part.size)]),
      ),
    ]),
  );
};

export const listMultipartUploads: Operation = (exchange) => {
  const { bucket } = exchange.address;
  exchange.folder.bucket(bucket);
  const uploads = exchange.uploads
    .of(bucket)
    .map(({ id, key, initiated }) =>
      element('Upload', [textElement('Key', key), textElement('UploadId', id), textElement('Initiated', initiated)]),
    );
  sendXml(exchange, document('ListMultipartUploadsResult', [textElement('Bucket', bucket), textElement('IsTruncated', false), ...uploads]));
};
