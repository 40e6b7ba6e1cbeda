import type { Answer, Call } from './call.ts';
import { checkWriteConditions } from './check-conditions.ts';
import { findCopySource } from './copy-source.ts';
import { pickObjectHeaders } from './object-headers.ts';
import type { ObjectRecord } from './object-index.ts';
import { readTaggingHeader } from './object-tagging.ts';
import { S3Error } from './s3-error.ts';
import { writeXml } from './write-xml.ts';

/** A copy onto itself is the way to change the headers of an object. */
export async function copyObject(call: Call): Promise<Answer> {
  const { request, store } = call;
  const { bucket, key, headers } = request;
  const source = findCopySource(call);
  const [replacesHeaders, replacesTags] = [isReplaced(headers, 'x-amz-metadata-directive'), isReplaced(headers, 'x-amz-tagging-directive')];
  if (source.bucket === bucket && source.key === key && !replacesHeaders && !replacesTags) {
    throw new S3Error('InvalidRequest', 'A copy of an object onto itself must replace its metadata or its tags.');
  }
  const [ownHeaders, ownTags] = [pickObjectHeaders(headers), readTaggingHeader(headers.get('x-amz-tagging'))];
  checkWriteConditions(headers, store.index.find(bucket, key));
  const { file } = await store.files.write(async (append) => {
    if (source.record.size === 0) return;
    for await (const piece of store.files.read(source.record.file, { start: 0, end: source.record.size - 1 }))
      await append(piece as Buffer);
  });
  const record: ObjectRecord = {
    ...source.record,
    file,
    modifiedMs: Date.now(),
    ...(replacesHeaders ? { headers: ownHeaders } : {}),
    ...(replacesTags ? { tags: ownTags } : {}),
  };
  await store.files.adopt(file, () => {
    checkWriteConditions(headers, store.index.find(bucket, key));
    return [store.index.put(bucket, key, record)];
  });
  return { status: 200, body: writeXml('CopyObjectResult', { LastModified: new Date(record.modifiedMs), ETag: record.etag }) };
}

function isReplaced(headers: ReadonlyMap<string, string>, directive: string): boolean {
  const value = headers.get(directive)?.toUpperCase() ?? 'COPY';
  if (value !== 'COPY' && value !== 'REPLACE') throw new S3Error('InvalidArgument', `${directive} is COPY or REPLACE.`);
  return value === 'REPLACE';
}
