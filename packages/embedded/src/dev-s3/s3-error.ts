/** Status and sentence of every error code this server answers with, as clients of S3 know them. */
const ERRORS = {
  AccessDenied: [403, 'Access denied: the request is not signed.'],
  AuthorizationHeaderMalformed: [400, 'The Authorization header is not one of AWS Signature Version 4.'],
  AuthorizationQueryParametersError: [400, 'The X-Amz-* parameters of the link are incomplete or malformed.'],
  BadDigest: [400, 'A checksum of the request does not match the bytes that arrived.'],
  BucketNotEmpty: [409, 'The bucket still holds objects.'],
  EntityTooLarge: [400, 'One upload may hold at most 5 GiB; larger objects need a multipart upload.'],
  EntityTooSmall: [400, 'Every part but the last must hold at least 5 MiB.'],
  IncompleteBody: [400, 'The body ended early, or is not as long as its headers say.'],
  InternalError: [500, 'The server failed; its log says why.'],
  InvalidAccessKeyId: [403, 'The access key id is not known here.'],
  InvalidArgument: [400, 'An argument is not valid.'],
  InvalidBucketName: [400, 'A bucket name has 3 to 63 lower-case letters, digits, dots and hyphens.'],
  InvalidDigest: [400, 'Content-MD5 is not the base64 of 16 bytes.'],
  InvalidPart: [400, 'A part is missing, or its ETag or checksum is not the one that was uploaded.'],
  InvalidPartOrder: [400, 'Parts must be listed in ascending order.'],
  InvalidRange: [416, 'The object has no bytes in this range.'],
  InvalidRequest: [400, 'The request is not valid.'],
  InvalidTag: [400, 'Tags: at most 10, no key twice, keys of 1 to 128 characters, values of at most 256.'],
  InvalidURI: [400, 'The path is not valid percent-encoded UTF-8.'],
  KeyTooLongError: [400, 'A key holds at most 1024 bytes.'],
  MalformedXML: [400, 'The XML of the request is not what this operation takes.'],
  MetadataTooLarge: [400, 'User metadata holds at most 2 KiB.'],
  MethodNotAllowed: [405, 'This method does not exist here.'],
  MissingContentLength: [411, 'The request must say how long its body is.'],
  NoSuchBucket: [404, 'There is no such bucket.'],
  NoSuchKey: [404, 'There is no such object.'],
  NoSuchUpload: [404, 'There is no such multipart upload: it was completed, aborted or never begun.'],
  NotImplemented: [501, 'This server does not have that feature of S3.'],
  NotModified: [304, 'The object has not changed.'],
  PreconditionFailed: [412, 'A condition of the request does not hold.'],
  RequestTimeTooSkewed: [403, "The request's time is more than 15 minutes away from this machine's."],
  SignatureDoesNotMatch: [403, 'The signature is not the one that the secret of this access key gives.'],
  XAmzContentSHA256Mismatch: [400, 'x-amz-content-sha256 does not match the bytes that arrived.'],
} as const satisfies Record<string, readonly [status: number, message: string]>;

export type S3ErrorCode = keyof typeof ERRORS;

/** An error that the client is told, as S3 would tell it. */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  readonly code: S3ErrorCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  /** @param message a more telling sentence than the code's own */
  constructor(code: S3ErrorCode, message: string = ERRORS[code][1], headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = ERRORS[code][0];
    this.headers = headers;
  }
}
