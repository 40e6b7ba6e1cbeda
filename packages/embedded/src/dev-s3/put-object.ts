import type { Answer, Call } from './call.ts';
import { checkWriteConditions } from './check-conditions.ts';
import { checksumHeaders } from './checksums.ts';
import { pickObjectHeaders } from './object-headers.ts';
import { readTaggingHeader } from './object-tagging.ts';
import { receiveBody } from './receive-body.ts';

export async function putObject({ request, verified, store }: Call): Promise<Answer> {
  const { bucket, key, headers } = request;
  const [ownHeaders, tags] = [pickObjectHeaders(headers), readTaggingHeader(headers.get('x-amz-tagging'))];
  checkWriteConditions(headers, store.index.find(bucket, key));
  const { file, result } = await store.files.write((append) => receiveBody(request, verified, append));
  const etag = `"${result.md5}"`;
  const record = { file, size: result.size, etag, modifiedMs: Date.now(), headers: ownHeaders, checksums: result.checksums, tags };
  await store.files.adopt(file, () => {
    // Another writer may have come first while the bytes came in.
    checkWriteConditions(headers, store.index.find(bucket, key));
    return [store.index.put(bucket, key, record)];
  });
  return { status: 200, headers: { etag, ...checksumHeaders(result.checksums), 'x-amz-checksum-type': 'FULL_OBJECT' } };
}
