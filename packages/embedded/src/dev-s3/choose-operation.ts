import { createBucket, deleteBucket, getBucketLocation, getBucketVersioning, headBucket, listBuckets } from './buckets.ts';
import type { Operation } from './call.ts';
import { completeMultipartUpload } from './complete-upload.ts';
import { copyObject } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-objects.ts';
import { getObject } from './get-object.ts';
import { listObjects } from './list-objects.ts';
import {
  abortMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
  uploadPartCopy,
} from './multipart-upload.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './object-tagging.ts';
import { putObject } from './put-object.ts';
import { S3Error } from './s3-error.ts';
import type { S3RequestHead } from './s3-request.ts';

/** By method, level and subresource; `copy` for a request with x-amz-copy-source. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET server': listBuckets,
  'PUT bucket': createBucket,
  'HEAD bucket': headBucket,
  'DELETE bucket': deleteBucket,
  'GET bucket': listObjects,
  'GET bucket location': getBucketLocation,
  'GET bucket versioning': getBucketVersioning,
  'GET bucket uploads': listMultipartUploads,
  'POST bucket delete': deleteObjects,
  'PUT object': putObject,
  'PUT object copy': copyObject,
  'GET object': getObject,
  'HEAD object': getObject,
  'DELETE object': deleteObject,
  'GET object tagging': getObjectTagging,
  'PUT object tagging': putObjectTagging,
  'DELETE object tagging': deleteObjectTagging,
  'POST object uploads': createMultipartUpload,
  'PUT object uploadId': uploadPart,
  'PUT object uploadId copy': uploadPartCopy,
  'POST object uploadId': completeMultipartUpload,
  'DELETE object uploadId': abortMultipartUpload,
  'GET object uploadId': listParts,
};

/** Every parameter of S3 that asks for something other than the object or the bucket itself. */
const SUBRESOURCES = new Set(
  `accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory legal-hold lifecycle location logging metrics
  notification object-lock ownershipControls policy policyStatus publicAccessBlock replication requestPayment restore retention select
  tagging torrent uploadId uploads versionId versioning versions website`.split(/\s+/),
);

/**
 * @throws S3Error `NotImplemented` for a feature of S3 that is not here, rather than an answer to something else;
 * `MethodNotAllowed`
 */
export function chooseOperation({ method, bucket, key, query, headers }: S3RequestHead): Operation {
  const level = bucket === '' ? 'server' : key === '' ? 'bucket' : 'object';
  const subresources = [...query.keys()].filter((name) => SUBRESOURCES.has(name));
  // GET with partNumber asks for one part of a finished object.
  if (query.has('partNumber') && !query.has('uploadId')) subresources.push('partNumber');
  const copy = headers.has('x-amz-copy-source') ? ['copy'] : [];
  const operation = OPERATIONS[[method, level, ...subresources, ...copy].join(' ')];
  if (operation !== undefined) return operation;
  if (subresources.length > 0) throw new S3Error('NotImplemented', `This server does not do ${method} with ${subresources.join(', ')}.`);
  throw new S3Error('MethodNotAllowed');
}
