import { createHash } from 'node:crypto';
import { receiveDocument, type Answer, type Call } from './call.ts';
import { checkWriteConditions } from './check-conditions.ts';
import { CHECKSUM_NAMES, checksumHeader, startChecksum, type ChecksumName } from './checksums.ts';
import { uploadAddress } from './multipart-upload.ts';
import type { ObjectRecord } from './object-index.ts';
import { childrenOf, readXml, requireText, textOf, type XmlElement } from './read-xml.ts';
import { S3Error } from './s3-error.ts';
import type { PartRecord } from './upload-index.ts';
import { writeXml } from './write-xml.ts';

const SMALLEST_PART_BYTES = 5 * 1024 ** 2;

/** Joins the parts into one file and makes it the object; the ETag is S3's: MD5 of the parts' MD5s, and how many there are. */
export async function completeMultipartUpload(call: Call): Promise<Answer> {
  const { request, store } = call;
  const { bucket, key, headers } = request;
  const address = uploadAddress(call);
  const list = readXml(await receiveDocument(call), 'CompleteMultipartUpload');
  const upload = store.uploads.require(address);
  const parts = chooseParts(childrenOf(list, 'Part'), store.uploads.listParts(address));
  checkWriteConditions(headers, store.index.find(bucket, key));

  const { file, result: checksums } = await store.files.write((append) => joinParts(call, parts, append));
  const md5 = createHash('md5');
  for (const part of parts) md5.update(part.md5, 'hex');
  const record: ObjectRecord = {
    file,
    size: parts.reduce((sum, part) => sum + part.size, 0),
    etag: `"${md5.digest('hex')}-${parts.length}"`,
    modifiedMs: Date.now(),
    headers: upload.headers,
    checksums,
    tags: upload.tags,
  };
  await store.files.adopt(file, () => {
    checkWriteConditions(headers, store.index.find(bucket, key));
    let replaced: string | undefined;
    const partFiles = store.uploads.end(address, () => {
      replaced = store.index.put(bucket, key, record);
    });
    return [replaced, ...partFiles];
  });
  const result = {
    Location: `/${bucket}/${key}`,
    Bucket: bucket,
    Key: key,
    ETag: record.etag,
    ChecksumCRC32: checksums.crc32,
    ChecksumType: 'FULL_OBJECT',
  };
  return { status: 200, body: writeXml('CompleteMultipartUploadResult', result) };
}

function chooseParts(asked: readonly XmlElement[], uploaded: ReadonlyMap<number, PartRecord>): PartRecord[] {
  if (asked.length === 0) throw new S3Error('MalformedXML', 'An upload is completed with one part at least.');
  const numbers = asked.map((element) => Number(requireText(element, 'PartNumber')));
  if (numbers.some((number, place) => place > 0 && number <= (numbers[place - 1] ?? 0))) throw new S3Error('InvalidPartOrder');
  const parts = asked.map((element, place) => {
    const part = uploaded.get(numbers[place] ?? 0);
    if (part === undefined || !isSamePart(element, part)) throw new S3Error('InvalidPart');
    return part;
  });
  if (parts.slice(0, -1).some((part) => part.size < SMALLEST_PART_BYTES)) throw new S3Error('EntityTooSmall');
  return parts;
}

function isSamePart(asked: XmlElement, part: PartRecord): boolean {
  const areSumsSame = CHECKSUM_NAMES.every((name) => {
    const [claimed, actual] = [textOf(asked, `Checksum${name.toUpperCase()}`), part.checksums[name]];
    return claimed === undefined || actual === undefined || claimed === actual;
  });
  return areSumsSame && requireText(asked, 'ETag').replaceAll('"', '') === part.md5;
}

/** @returns the checksums of the whole: CRC32, and one that the client claims for it */
async function joinParts({ request, store }: Call, parts: readonly PartRecord[], append: (piece: Uint8Array) => Promise<void>) {
  const { headers } = request;
  const isWholeClaimed = headers.get('x-amz-checksum-type')?.toUpperCase() === 'FULL_OBJECT';
  const claimed = (name: ChecksumName): string | undefined => (isWholeClaimed ? headers.get(checksumHeader(name)) : undefined);
  const running = CHECKSUM_NAMES.filter((name) => name === 'crc32' || claimed(name) !== undefined).map((name) => ({
    name,
    sum: startChecksum(name),
  }));
  for (const { file, size } of parts) {
    if (size === 0) continue;
    for await (const piece of store.files.read(file, { start: 0, end: size - 1 })) {
      for (const { sum } of running) sum.update(piece as Buffer);
      await append(piece as Buffer);
    }
  }
  const checksums: Partial<Record<ChecksumName, string>> = {};
  for (const { name, sum } of running) {
    const value = sum.digest();
    if (value !== (claimed(name) ?? value)) throw new S3Error('BadDigest', `The ${name} of the whole object does not match its parts.`);
    checksums[name] = value;
  }
  return checksums;
}
