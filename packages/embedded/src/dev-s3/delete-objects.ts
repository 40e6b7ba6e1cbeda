import { receiveDocument, type Answer, type Call } from './call.ts';
import { checkWriteConditions } from './check-conditions.ts';
import { childrenOf, readXml, requireText, textOf } from './read-xml.ts';
import { S3Error } from './s3-error.ts';
import { writeXml } from './write-xml.ts';

const MOST_KEYS = 1000;

/** Deleting what is not there succeeds, too. */
export async function deleteObject({ request, store }: Call): Promise<Answer> {
  const { bucket, key, headers } = request;
  if (headers.has('if-match')) checkWriteConditions(headers, store.index.find(bucket, key));
  await store.files.remove(store.index.remove(bucket, key));
  return { status: 204 };
}

export async function deleteObjects(call: Call): Promise<Answer> {
  const { request, store } = call;
  const list = readXml(await receiveDocument(call), 'Delete');
  const keys = childrenOf(list, 'Object').map((object) => requireText(object, 'Key'));
  if (keys.length === 0 || keys.length > MOST_KEYS) throw new S3Error('MalformedXML', 'A list of deletions names 1 to 1000 objects.');
  store.index.requireBucket(request.bucket);
  await store.files.remove(...keys.map((key) => store.index.remove(request.bucket, key)));
  const isQuiet = textOf(list, 'Quiet') === 'true';
  return { status: 200, body: writeXml('DeleteResult', { Deleted: isQuiet ? [] : keys.map((key) => ({ Key: key })) }) };
}
