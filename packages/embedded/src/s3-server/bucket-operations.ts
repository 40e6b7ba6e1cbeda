import { type Exchange, type Operation, sendEmpty, sendXml } from './exchange.ts';
import { document, element, textElement } from './xml.ts';

const OWNER = element('Owner', [textElement('ID', 'dev'), textElement('DisplayName', 'dev')]);
const REGION_HEADER = { 'x-amz-bucket-region': 'us-east-1' };

export const listBuckets: Operation = (exchange) => {
  const buckets = exchange.folder
    .buckets()
    .map(({ name, created }) => element('Bucket', [textElement('Name', name), textElement('CreationDate', created.toISOString())]));
  sendXml(exchange, document('ListAllMyBucketsResult', [OWNER, element('Buckets', buckets)]));
};

export const createBucket: Operation = (exchange) => {
  exchange.folder.makeBucket(exchange.address.bucket);
  sendEmpty(exchange, 200, { location: `/${exchange.address.bucket}` });
};

export const headBucket: Operation = (exchange) => {
  exchange.folder.bucket(exchange.address.bucket);
  sendEmpty(exchange, 200, REGION_HEADER);
};

export const deleteBucket: Operation = (exchange) => {
  exchange.folder.removeBucket(exchange.address.bucket);
  sendEmpty(exchange, 204);
};

/** An answer that is the same for each bucket there is. */
function fixedAnswer(xml: string): Operation {
  return (exchange) => {
    exchange.folder.bucket(exchange.address.bucket);
    sendXml(exchange, xml);
  };
}

/** The empty element stands for us-east-1. */
export const getBucketLocation = fixedAnswer(document('LocationConstraint', []));
/** An empty element: never switched on. */
export const getBucketVersioning = fixedAnswer(document('VersioningConfiguration', []));

const GRANTEE = `<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser">${textElement('ID', 'dev')}</Grantee>`;
const FULL_CONTROL = document('AccessControlPolicy', [
  OWNER,
  element('AccessControlList', [element('Grant', [GRANTEE, textElement('Permission', 'FULL_CONTROL')])]),
]);

/** Whoever has a key of this server may do everything. */
export const getAccessControl: Operation = (exchange: Exchange) => {
  const { bucket, key } = exchange.address;
  if (key === '') exchange.folder.bucket(bucket);
  else exchange.folder.object(bucket, key);
  sendXml(exchange, FULL_CONTROL);
};
