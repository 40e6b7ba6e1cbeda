import type { Exchange, Operation } from './exchange.ts';
import { sendXml } from './exchange.ts';
import { cutListing, type Listing } from './listing.ts';
import { S3Error } from './s3-error.ts';
import { encodeComponent } from './signature.ts';
import type { StoredObject } from './stored-object.ts';
import { document, element, textElement } from './xml.ts';

const MAX_KEYS = 1000;

interface ListRequest {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
  /** Spells keys as the caller wants them. */
  readonly spell: (text: string) => string;
  readonly encoded: boolean;
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return MAX_KEYS;
  if (!/^\d{1,10}$/.test(text)) throw new S3Error('InvalidArgument', { message: 'max-keys must be a whole number.' });
  return Math.min(MAX_KEYS, Number(text));
}

function readListRequest({ address: { parameters } }: Exchange): ListRequest {
  const encoding = parameters.get('encoding-type');
  if (encoding !== undefined && encoding !== 'url') throw new S3Error('InvalidArgument', { message: 'encoding-type must be url.' });
  return {
    prefix: parameters.get('prefix') ?? '',
    delimiter: parameters.get('delimiter') ?? '',
    limit: readLimit(parameters.get('max-keys')),
    encoded: encoding === 'url',
    spell: encoding === 'url' ? (text) => encodeComponent(text).replaceAll('%2F', '/') : (text) => text,
  };
}

/** The elements that both versions of the answer share. */
function describeListing(exchange: Exchange, wish: ListRequest, listing: Listing<StoredObject>): string[] {
  const { spell } = wish;
  return [
    textElement('Name', exchange.address.bucket),
    textElement('Prefix', spell(wish.prefix)),
    ...(wish.delimiter === '' ? [] : [textElement('Delimiter', spell(wish.delimiter))]),
    ...(wish.encoded ? [textElement('EncodingType', 'url')] : []),
    textElement('MaxKeys', wish.limit),
    textElement('IsTruncated', listing.truncated),
    ...listing.items.map((object) =>
      element('Contents', [
        textElement('Key', spell(object.key)),
        textElement('LastModified', object.modified),
        textElement('ETag', object.etag),
        textElement('Size', object.size),
        textElement('StorageClass', 'STANDARD'),
      ]),
    ),
    ...listing.commonPrefixes.map((prefix) => element('CommonPrefixes', [textElement('Prefix', spell(prefix))])),
  ];
}

/** ListObjects, version 1: pages go on after a marker. */
export const listObjectsV1: Operation = (exchange) => {
  const wish = readListRequest(exchange);
  const after = exchange.address.parameters.get('marker') ?? '';
  const listing = cutListing(exchange.folder.bucket(exchange.address.bucket).sorted(), { ...wish, after });
  const paging = [
    textElement('Marker', wish.spell(after)),
    ...(listing.truncated ? [textElement('NextMarker', wish.spell(listing.last))] : []),
  ];
  sendXml(exchange, document('ListBucketResult', [...describeListing(exchange, wish, listing), ...paging]));
};

/** ListObjectsV2: pages go on with a token, which is the last name in disguise. */
export const listObjectsV2: Operation = (exchange) => {
  const { parameters, bucket } = exchange.address;
  if (parameters.get('list-type') !== '2') throw new S3Error('InvalidArgument', { message: 'list-type must be 2.' });
  const wish = readListRequest(exchange);
  const token = parameters.get('continuation-token');
  const startAfter = parameters.get('start-after');
  const after = token === undefined ? (startAfter ?? '') : Buffer.from(token, 'base64url').toString('utf8');
  const listing = cutListing(exchange.folder.bucket(bucket).sorted(), { ...wish, after });
  const paging = [
    textElement('KeyCount', listing.items.length + listing.commonPrefixes.length),
    ...(token === undefined ? [] : [textElement('ContinuationToken', token)]),
    ...(startAfter === undefined ? [] : [textElement('StartAfter', wish.spell(startAfter))]),
    ...(listing.truncated ? [textElement('NextContinuationToken', Buffer.from(listing.last).toString('base64url'))] : []),
  ];
  sendXml(exchange, document('ListBucketResult', [...describeListing(exchange, wish, listing), ...paging]));
};
