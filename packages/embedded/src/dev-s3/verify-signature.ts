import { encodePath, encodePercent, decodePercent } from './percent-encoding.ts';
import { S3Error } from './s3-error.ts';
import type { S3RequestHead } from './s3-request.ts';
import { ALGORITHM, deriveSigningKey, isSameSignature, sha256Hex, signLines, type Signing } from './signing.ts';

const MOST_SKEW_MS = 15 * 60_000;
const LONGEST_EXPIRY_SECONDS = 7 * 24 * 3600;
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';

export interface VerifiedRequest {
  readonly signing: Signing;
  /** SHA-256 of the body in hex, or one of S3's words for a body that is signed otherwise or not at all. */
  readonly payload: string;
}

/** What the client claims, before anything of it is checked. */
interface Claim {
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly amzDate: string;
  readonly payload: string;
  /** Only links expire. */
  readonly expirySeconds: number | undefined;
}

/**
 * Verifies AWS Signature Version 4 in the Authorization header or in the query of a presigned link
 * (docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html).
 * @param secrets by access key id
 * @param nowMs this machine's time
 * @throws S3Error `AccessDenied` unsigned, expired or a header that matters left out of the signature; `InvalidAccessKeyId`;
 * `RequestTimeTooSkewed`; `SignatureDoesNotMatch`; malformed claims
 */
export function verifySignature(request: S3RequestHead, secrets: ReadonlyMap<string, string>, nowMs: number): VerifiedRequest {
  const claim = request.query.has('X-Amz-Algorithm') ? readQueryClaim(request) : readHeaderClaim(request);
  const [accessKeyId = '', ...scopeParts] = claim.credential.split('/');
  const scope = scopeParts.join('/');
  const secret = secrets.get(accessKeyId);
  if (secret === undefined) throw new S3Error('InvalidAccessKeyId');
  const [day, , service, terminator] = scopeParts;
  if (scopeParts.length !== 4 || day !== claim.amzDate.slice(0, 8) || service !== 's3' || terminator !== 'aws4_request') {
    throw new S3Error(
      'AuthorizationHeaderMalformed',
      "The credential's scope must be the day of the request, a region, s3 and aws4_request.",
    );
  }
  checkTime(claim, nowMs);
  checkCoverage(request, claim.signedHeaders);

  const key = deriveSigningKey(secret, scope);
  const expected = signLines(key, [ALGORITHM, claim.amzDate, scope, sha256Hex(canonicalRequest(request, claim))]);
  if (!isSameSignature(expected, claim.signature)) throw new S3Error('SignatureDoesNotMatch');
  return { signing: { key, amzDate: claim.amzDate, scope, signature: expected }, payload: claim.payload };
}

function readHeaderClaim({ headers }: S3RequestHead): Claim {
  const authorization = headers.get('authorization');
  if (authorization === undefined) throw new S3Error('AccessDenied');
  const [algorithm, rest] = splitOnce(authorization, ' ');
  const fields = new Map(rest.split(',').map((field) => splitOnce(field.trim(), '=')));
  const [credential, signedHeaders, signature] = [fields.get('Credential'), fields.get('SignedHeaders'), fields.get('Signature')];
  if (algorithm !== ALGORITHM || credential === undefined || signedHeaders === undefined || signature === undefined) {
    throw new S3Error('AuthorizationHeaderMalformed');
  }
  const payload = headers.get('x-amz-content-sha256');
  if (payload === undefined) throw new S3Error('InvalidRequest', 'A signed request must have the header x-amz-content-sha256.');
  const amzDate = headers.get('x-amz-date') ?? '';
  return { credential, signedHeaders: signedHeaders.split(';'), signature, amzDate, payload, expirySeconds: undefined };
}

function readQueryClaim({ query, headers }: S3RequestHead): Claim {
  const expirySeconds = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  const [credential, signedHeaders, signature] = [
    query.get('X-Amz-Credential'),
    query.get('X-Amz-SignedHeaders'),
    query.get('X-Amz-Signature'),
  ];
  const isExpiryValid = Number.isInteger(expirySeconds) && expirySeconds >= 0 && expirySeconds <= LONGEST_EXPIRY_SECONDS;
  if (query.get('X-Amz-Algorithm') !== ALGORITHM || credential === null || signedHeaders === null || signature === null || !isExpiryValid) {
    throw new S3Error('AuthorizationQueryParametersError');
  }
  return {
    credential,
    signedHeaders: signedHeaders.split(';'),
    signature,
    amzDate: query.get('X-Amz-Date') ?? '',
    payload: query.get('X-Amz-Content-Sha256') ?? headers.get('x-amz-content-sha256') ?? UNSIGNED_PAYLOAD,
    expirySeconds,
  };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}

function checkTime({ amzDate, expirySeconds }: Claim, nowMs: number): void {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(amzDate);
  if (match === null) throw new S3Error('AccessDenied', 'A signed request must say its time as x-amz-date: 20260102T030405Z.');
  const [, year, month, day, hour, minute, second] = match.map(Number);
  const signedAtMs = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second);
  const ageMs = nowMs - signedAtMs;
  // A link may be used long after it was signed, but not before.
  const isSkewed = expirySeconds === undefined ? Math.abs(ageMs) > MOST_SKEW_MS : -ageMs > MOST_SKEW_MS;
  if (isSkewed) throw new S3Error('RequestTimeTooSkewed');
  if (expirySeconds !== undefined && ageMs > expirySeconds * 1000) throw new S3Error('AccessDenied', 'Request has expired');
}

/** A header that changes what the request does, but is not signed, could have been added by anyone who saw the link. */
function checkCoverage({ headers }: S3RequestHead, signedHeaders: readonly string[]): void {
  const unsigned = [...headers.keys()].filter((name) => (name === 'host' || name.startsWith('x-amz-')) && !signedHeaders.includes(name));
  if (unsigned.length > 0) throw new S3Error('AccessDenied', `These headers must be signed: ${unsigned.join(', ')}.`);
}

function canonicalRequest({ method, rawPath, query, headers }: S3RequestHead, claim: Claim): string {
  const path = encodePath(decodePercent(rawPath));
  const parameters = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => [encodePercent(name), encodePercent(value)] as const)
    .sort(([leftName, leftValue], [rightName, rightValue]) => compareText(leftName, rightName) || compareText(leftValue, rightValue))
    .map(([name, value]) => `${name}=${value}`);
  const headerLines = claim.signedHeaders.map((name) => `${name}:${(headers.get(name) ?? '').trim().replace(/\s+/g, ' ')}`);
  return [method, path, parameters.join('&'), ...headerLines, '', claim.signedHeaders.join(';'), claim.payload].join('\n');
}

function compareText(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}
