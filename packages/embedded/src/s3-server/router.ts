import type { Address } from './address.ts';
import {
  createBucket,
  deleteBucket,
  getAccessControl,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
} from './bucket-operations.ts';
import { completeMultipartUpload } from './complete-upload.ts';
import { copyObject } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-objects.ts';
import type { Operation } from './exchange.ts';
import { getObject } from './get-object.ts';
import { listObjectsV1, listObjectsV2 } from './list-objects.ts';
import { abortMultipartUpload, createMultipartUpload, listMultipartUploads, listParts, uploadPart } from './multipart-operations.ts';
import { putObject } from './put-object.ts';
import { S3Error } from './s3-error.ts';
import { deleteTagging, getTagging, putTagging } from './tagging.ts';

type Target = 'service' | 'bucket' | 'object';

interface Route {
  readonly target: Target;
  readonly method: string;
  /** Query parameter that selects the operation. */
  readonly parameter?: string;
  /** Request header that selects the operation. */
  readonly header?: string;
  readonly operation: Operation;
}

/** Every operation of the server. The first line that fits counts; what is more special stands higher. */
const ROUTES: readonly Route[] = [
  { target: 'service', method: 'GET', operation: listBuckets },

  { target: 'bucket', method: 'GET', parameter: 'acl', operation: getAccessControl },
  { target: 'bucket', method: 'GET', parameter: 'location', operation: getBucketLocation },
  { target: 'bucket', method: 'GET', parameter: 'versioning', operation: getBucketVersioning },
  { target: 'bucket', method: 'GET', parameter: 'uploads', operation: listMultipartUploads },
  { target: 'bucket', method: 'GET', parameter: 'list-type', operation: listObjectsV2 },
  { target: 'bucket', method: 'POST', parameter: 'delete', operation: deleteObjects },
  { target: 'bucket', method: 'GET', operation: listObjectsV1 },
  { target: 'bucket', method: 'HEAD', operation: headBucket },
  { target: 'bucket', method: 'PUT', operation: createBucket },
  { target: 'bucket', method: 'DELETE', operation: deleteBucket },

  { target: 'object', method: 'GET', parameter: 'acl', operation: getAccessControl },
  { target: 'object', method: 'GET', parameter: 'tagging', operation: getTagging },
  { target: 'object', method: 'PUT', parameter: 'tagging', operation: putTagging },
  { target: 'object', method: 'DELETE', parameter: 'tagging', operation: deleteTagging },
  { target: 'object', method: 'POST', parameter: 'uploads', operation: createMultipartUpload },
  { target: 'object', method: 'PUT', parameter: 'uploadId', operation: uploadPart },
  { target: 'object', method: 'GET', parameter: 'uploadId', operation: listParts },
  { target: 'object', method: 'POST', parameter: 'uploadId', operation: completeMultipartUpload },
  { target: 'object', method: 'DELETE', parameter: 'uploadId', operation: abortMultipartUpload },
  { target: 'object', method: 'PUT', header: 'x-amz-copy-source', operation: copyObject },
  { target: 'object', method: 'PUT', operation: putObject },
  { target: 'object', method: 'GET', operation: getObject },
  { target: 'object', method: 'HEAD', operation: getObject },
  { target: 'object', method: 'DELETE', operation: deleteObject },
];

/** Parameters that only refine an operation. Any other selects one, and must not be mistaken for the plain request. */
const REFINING = new Set([
  'continuation-token',
  'delimiter',
  'encoding-type',
  'fetch-owner',
  'key-marker',
  'marker',
  'max-keys',
  'max-parts',
  'max-uploads',
  'part-number-marker',
  'prefix',
  'start-after',
  'upload-id-marker',
  'x-id',
]);

/** Headers that change what an operation means, for which there is nothing here. */
const UNSUPPORTED_HEADERS = ['x-amz-server-side-encryption-customer-algorithm', 'x-amz-copy-source-range', 'x-amz-write-offset-bytes'];

function targetOf(address: Address): Target {
  if (address.bucket === '') return 'service';
  return address.key === '' ? 'bucket' : 'object';
}

function isRefining(name: string, route: Route): boolean {
  const partOfUpload = name === 'partNumber' && route.operation === uploadPart;
  return partOfUpload || name === route.parameter || REFINING.has(name) || name.startsWith('response-') || /^x-amz-/i.test(name);
}

/**
 * Finds what a request asks for.
 * @param headers names in lower case
 * @throws S3Error MethodNotAllowed, NotImplemented: a request is never answered with something it did not ask for
 */
export function route(method: string, address: Address, headers: Readonly<Record<string, unknown>>): Operation {
  const target = targetOf(address);
  const found = ROUTES.find(
    (line) =>
      line.target === target &&
      line.method === method &&
      (line.parameter === undefined || address.parameters.has(line.parameter)) &&
      (line.header === undefined || headers[line.header] !== undefined),
  );
  if (!found) throw new S3Error(method === 'POST' ? 'NotImplemented' : 'MethodNotAllowed');
  const strange = [...address.parameters.keys()].find((name) => !isRefining(name, found));
  if (strange !== undefined) throw new S3Error('NotImplemented', { message: `The parameter ${strange} is not implemented.` });
  const header = UNSUPPORTED_HEADERS.find((name) => headers[name] !== undefined);
  if (header !== undefined) throw new S3Error('NotImplemented', { message: `The header ${header} is not implemented.` });
  return found.operation;
}
