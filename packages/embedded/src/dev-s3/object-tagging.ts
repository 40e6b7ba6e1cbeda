import { receiveDocument, type Call, type Answer } from './call.ts';
import type { Tags } from './object-index.ts';
import { childrenOf, readXml, requireText } from './read-xml.ts';
import { S3Error } from './s3-error.ts';
import { writeXml } from './write-xml.ts';

const MOST_TAGS = 10;
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;

/** @param header value of x-amz-tagging: `key=value&other=value` @throws S3Error `InvalidTag` */
export function readTaggingHeader(header: string | undefined): Tags {
  return checkTags([...new URLSearchParams(header ?? '')]);
}

function checkTags(tags: Tags): Tags {
  const isValid = tags.every(([key, value]) => key.length >= 1 && key.length <= LONGEST_KEY && value.length <= LONGEST_VALUE);
  if (!isValid || tags.length > MOST_TAGS || new Set(tags.map(([key]) => key)).size !== tags.length) throw new S3Error('InvalidTag');
  return tags;
}

export function getObjectTagging({ request, store }: Call): Answer {
  const { tags } = store.index.require(request.bucket, request.key);
  return { status: 200, body: writeXml('Tagging', { TagSet: { Tag: tags.map(([key, value]) => ({ Key: key, Value: value })) } }) };
}

export async function putObjectTagging(call: Call): Promise<Answer> {
  const [tagSet] = childrenOf(readXml(await receiveDocument(call), 'Tagging'), 'TagSet');
  if (tagSet === undefined) throw new S3Error('MalformedXML');
  replaceTags(call, checkTags(childrenOf(tagSet, 'Tag').map((tag) => [requireText(tag, 'Key'), requireText(tag, 'Value')] as const)));
  return { status: 200 };
}

export function deleteObjectTagging(call: Call): Answer {
  replaceTags(call, []);
  return { status: 204 };
}

function replaceTags({ request, store }: Call, tags: Tags): void {
  const record = store.index.require(request.bucket, request.key);
  store.index.put(request.bucket, request.key, { ...record, tags });
}
