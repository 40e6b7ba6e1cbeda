/** What S3 says when it refuses a request: status and sentence as Amazon's "Error responses" reference lists them. */
const REFUSALS = {
  AccessDenied: { status: 403, message: 'Access Denied' },
  AuthorizationHeaderMalformed: { status: 400, message: 'The authorization header that you provided is not valid.' },
  AuthorizationQueryParametersError: { status: 400, message: 'The query parameters of the signature are not valid.' },
  BadDigest: { status: 400, message: 'The checksum you specified did not match what we received.' },
  BucketNotEmpty: { status: 409, message: 'The bucket you tried to delete is not empty.' },
  EntityTooSmall: { status: 400, message: 'Your proposed upload is smaller than the minimum allowed object size.' },
  IncompleteBody: { status: 400, message: 'You did not provide the number of bytes specified by the Content-Length HTTP header.' },
  InternalError: { status: 500, message: 'We encountered an internal error. Please try again.' },
  InvalidAccessKeyId: { status: 403, message: 'The AWS access key ID that you provided does not exist in our records.' },
  InvalidArgument: { status: 400, message: 'This request has an argument that is not valid.' },
  InvalidBucketName: { status: 400, message: 'The specified bucket is not valid.' },
  InvalidDigest: { status: 400, message: 'The Content-MD5 you specified is not valid.' },
  InvalidPart: { status: 400, message: 'One or more of the specified parts could not be found.' },
  InvalidPartOrder: { status: 400, message: 'The list of parts was not in ascending order.' },
  InvalidRange: { status: 416, message: 'The requested range is not satisfiable.' },
  InvalidRequest: { status: 400, message: 'The request is not valid.' },
  InvalidTag: { status: 400, message: 'The tag provided was not a valid tag.' },
  InvalidURI: { status: 400, message: 'The specified URI could not be parsed.' },
  KeyTooLongError: { status: 400, message: 'Your key is too long.' },
  MalformedTrailerError: { status: 400, message: 'The request contained trailing data that was not well-formed.' },
  MalformedXML: { status: 400, message: 'The XML that you provided was not well-formed.' },
  MethodNotAllowed: { status: 405, message: 'The specified method is not allowed against this resource.' },
  NoSuchBucket: { status: 404, message: 'The specified bucket does not exist.' },
  NoSuchKey: { status: 404, message: 'The specified key does not exist.' },
  NoSuchUpload: { status: 404, message: 'The specified multipart upload does not exist.' },
  NotImplemented: { status: 501, message: 'This development server does not implement what the request asks for.' },
  NotModified: { status: 304, message: 'Not Modified' },
  PreconditionFailed: { status: 412, message: 'At least one of the preconditions that you specified did not hold.' },
  RequestTimeTooSkewed: {
    status: 403,
    message: 'The difference between the request time and the current time is too large.',
  },
  SignatureDoesNotMatch: {
    status: 403,
    message: 'The request signature that the server calculated does not match the signature that you provided.',
  },
  XAmzContentSHA256Mismatch: {
    status: 400,
    message: 'The provided x-amz-content-sha256 header does not match what was computed.',
  },
} as const satisfies Record<string, { status: number; message: string }>;

export type S3ErrorCode = keyof typeof REFUSALS;

interface Details {
  /** Replaces the general sentence of the code. */
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A refusal that becomes the XML error document of the response. */
export class S3Error extends Error {
  readonly code: S3ErrorCode;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: S3ErrorCode, details: Details = {}) {
    super(details.message ?? REFUSALS[code].message);
    this.name = 'S3Error';
    this.code = code;
    this.status = REFUSALS[code].status;
    this.headers = details.headers ?? {};
  }
}
