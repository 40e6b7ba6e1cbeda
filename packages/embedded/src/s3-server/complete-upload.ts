import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CHECKSUM_NAMES, startChecksum, type Checksums } from './checksum.ts';
import { checkWrite } from './conditions.ts';
import { headerOf, sendXml, type Exchange, type Operation } from './exchange.ts';
import { findUpload } from './multipart-operations.ts';
import type { MultipartUpload, UploadedPart } from './multipart-uploads.ts';
import { readConditions } from './object-headers.ts';
import { receiveText } from './receive-body.ts';
import { S3Error } from './s3-error.ts';
import { document, readElements, readText, textElement } from './xml.ts';

/** S3's limit for every part but the last. */
const MIN_PART_BYTES = 5 * 1024 * 1024;

function matches(part: UploadedPart, listed: string): boolean {
  if (readText(listed, 'ETag')?.replaceAll('"', '') !== part.md5) return false;
  return CHECKSUM_NAMES.every((name) => {
    const wanted = readText(listed, `Checksum${name.toUpperCase()}`);
    return wanted === undefined || part.checksums[name] === undefined || wanted === part.checksums[name];
  });
}

/** The parts in the order in which the caller lists them. */
function selectParts(upload: MultipartUpload, xml: string): UploadedPart[] {
  const listed = readElements(xml, 'Part');
  if (listed.length === 0) throw new S3Error('MalformedXML');
  let previous = 0;
  return listed.map((text, index) => {
    const partNumber = Number(readText(text, 'PartNumber'));
    const part = upload.parts.get(partNumber);
    if (!part || !matches(part, text)) throw new S3Error('InvalidPart');
    if (partNumber <= previous) throw new S3Error('InvalidPartOrder');
    if (index < listed.length - 1 && part.size < MIN_PART_BYTES) throw new S3Error('EntityTooSmall');
    previous = partNumber;
    return part;
  });
}

/** Joins the parts in a new file. @returns the CRC32 of the whole, base64 */
async function join(exchange: Exchange, parts: readonly UploadedPart[], file: string): Promise<string> {
  const crc32 = startChecksum('crc32');
  async function* bytes(): AsyncGenerator<Buffer> {
    for (const part of parts) {
      for await (const chunk of createReadStream(part.file) as AsyncIterable<Buffer>) {
        crc32.update(chunk);
        yield chunk;
      }
    }
  }
  await pipeline(Readable.from(bytes(), { objectMode: false }), createWriteStream(file, { flush: exchange.folder.durable }));
  return crc32.digest();
}

/** The tag of an object made of parts: the MD5 of their MD5s, and how many they were. */
function etagOf(parts: readonly UploadedPart[]): string {
  const digests = Buffer.concat(parts.map((part) => Buffer.from(part.md5, 'hex')));
  return `"${createHash('md5').update(digests).digest('hex')}-${parts.length}"`;
}

/** CompleteMultipartUpload: the parts become one object, atomically. */
export const completeMultipartUpload: Operation = async (exchange) => {
  const { folder, address, uploads } = exchange;
  const { bucket, key } = address;
  const upload = findUpload(exchange);
  const parts = selectParts(upload, await receiveText(exchange));
  const file = folder.temporaryFile();
  try {
    const checksums: Checksums = { crc32: await join(exchange, parts, file) };
    // Whoever completed or aborted it meanwhile was first.
    findUpload(exchange);
    checkWrite(readConditions(exchange), folder.bucket(bucket).get(key));
    const size = parts.reduce((sum, part) => sum + part.size, 0);
    const { headers, tags } = upload;
    const stored = folder.commit(bucket, { key, size, etag: etagOf(parts), headers, checksums, tags }, file);
    uploads.end(upload);
    sendXml(
      exchange,
      document('CompleteMultipartUploadResult', [
        textElement('Location', `http://${headerOf(exchange, 'host') ?? ''}/${bucket}/${encodeURI(key)}`),
        textElement('Bucket', bucket),
        textElement('Key', key),
        textElement('ETag', stored.etag),
        textElement('ChecksumCRC32', checksums.crc32 ?? ''),
        textElement('ChecksumType', 'FULL_OBJECT'),
      ]),
    );
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
};
