import type { Address } from './address.ts';
import { S3Error } from './s3-error.ts';
import { isSameSignature, signingKey, signRequest, type Signing } from './signature.ts';

/** A signed request before anybody believes it. */
export interface Claim {
  readonly method: string;
  readonly address: Address;
  /** Every value of each header, names in lower case. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
}

export interface Judge {
  /** Secret of each access key id. */
  readonly credentials: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** What the rest of the request may rely on once the signature is right. */
export interface Authentication {
  readonly signing: Signing;
  /** Signature of the request: the first chunk's signature builds on it. */
  readonly signature: string;
  /** Value of x-amz-content-sha256. */
  readonly payload: string;
}

interface Assertion {
  readonly credential: string;
  readonly signedNames: readonly string[];
  readonly signature: string;
  readonly time: string;
  readonly payload: string;
  readonly presigned: boolean;
}

const ALLOWED_SKEW_MS = 15 * 60_000;
const MAX_EXPIRY_SECONDS = 7 * 24 * 3600;

function headerOf(claim: Claim, name: string): string {
  return (claim.headers[name] ?? []).join(',');
}

function readHeaderAssertion(claim: Claim): Assertion {
  const authorization = headerOf(claim, 'authorization');
  if (authorization === '') throw new S3Error('AccessDenied');
  const match = /^AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]+)$/.exec(authorization);
  if (!match) throw new S3Error('AuthorizationHeaderMalformed');
  const payload = headerOf(claim, 'x-amz-content-sha256');
  if (payload === '') throw new S3Error('InvalidRequest', { message: 'Missing required header for this request: x-amz-content-sha256' });
  return {
    credential: match[1] ?? '',
    signedNames: (match[2] ?? '').split(';'),
    signature: match[3] ?? '',
    time: headerOf(claim, 'x-amz-date'),
    payload,
    presigned: false,
  };
}

function readQueryAssertion(claim: Claim): Assertion {
  const parameter = (name: string): string => claim.address.parameters.get(name) ?? '';
  if (parameter('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256') throw new S3Error('AuthorizationQueryParametersError');
  return {
    credential: parameter('X-Amz-Credential'),
    signedNames: parameter('X-Amz-SignedHeaders').split(';'),
    signature: parameter('X-Amz-Signature'),
    time: parameter('X-Amz-Date'),
    payload: parameter('X-Amz-Content-Sha256') || headerOf(claim, 'x-amz-content-sha256') || 'UNSIGNED-PAYLOAD',
    presigned: true,
  };
}

/** @returns milliseconds since 1970 of `YYYYMMDDTHHMMSSZ` */
function readTime(time: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(time);
  const milliseconds = match ? Date.parse(`${match[1]}-${match[2]}-${match[3]}T${match[4]}:${match[5]}:${match[6]}Z`) : Number.NaN;
  if (Number.isNaN(milliseconds)) throw new S3Error('AccessDenied', { message: 'A valid x-amz-date is required.' });
  return milliseconds;
}

function checkTime(assertion: Assertion, claim: Claim, now: number): void {
  const signedAt = readTime(assertion.time);
  const tooEarly = signedAt - now > ALLOWED_SKEW_MS;
  if (!assertion.presigned) {
    if (tooEarly || now - signedAt > ALLOWED_SKEW_MS) throw new S3Error('RequestTimeTooSkewed');
    return;
  }
  const expirySeconds = Number(claim.address.parameters.get('X-Amz-Expires'));
  if (!Number.isInteger(expirySeconds) || expirySeconds < 1 || expirySeconds > MAX_EXPIRY_SECONDS) {
    throw new S3Error('AuthorizationQueryParametersError', { message: 'X-Amz-Expires must be between 1 and 604800 seconds.' });
  }
  if (tooEarly) throw new S3Error('AccessDenied', { message: 'Request is not valid yet' });
  if (now > signedAt + expirySeconds * 1000) throw new S3Error('AccessDenied', { message: 'Request has expired' });
}

/** S3 demands that the host and each x-amz- header that is sent are signed: otherwise they could be changed on the way. */
function checkSignedNames(assertion: Assertion, claim: Claim): void {
  const signed = new Set(assertion.signedNames);
  const unsigned = Object.keys(claim.headers).filter((name) => (name === 'host' || name.startsWith('x-amz-')) && !signed.has(name));
  if (unsigned.length > 0) {
    throw new S3Error('AccessDenied', {
      message: `There were headers present in the request which were not signed: ${unsigned.join(', ')}`,
    });
  }
}

/**
 * Checks a request's AWS Signature Version 4, in the Authorization header or in the query of a presigned link.
 * @returns what the signature covers
 * @throws S3Error when it is missing, wrong, too old, or by an unknown key
 */
export function authenticate(claim: Claim, judge: Judge): Authentication {
  const presigned = claim.address.parameters.has('X-Amz-Algorithm');
  const assertion = presigned ? readQueryAssertion(claim) : readHeaderAssertion(claim);
  const [accessKeyId = '', ...scopeParts] = assertion.credential.split('/');
  const [date, region, service, terminator, ...excess] = scopeParts;
  const wellFormed = date === assertion.time.slice(0, 8) && region && service === 's3' && terminator === 'aws4_request';
  if (!wellFormed || excess.length > 0) {
    throw new S3Error(presigned ? 'AuthorizationQueryParametersError' : 'AuthorizationHeaderMalformed');
  }
  const secret = Object.hasOwn(judge.credentials, accessKeyId) ? judge.credentials[accessKeyId] : undefined;
  if (secret === undefined) throw new S3Error('InvalidAccessKeyId');
  checkTime(assertion, claim, judge.now);
  checkSignedNames(assertion, claim);

  const scope = scopeParts.join('/');
  const signing: Signing = { key: signingKey(secret, scope), time: assertion.time, scope };
  const signature = signRequest(signing, {
    method: claim.method,
    rawPath: claim.address.rawPath,
    query: claim.address.query.filter(([name]) => name !== 'X-Amz-Signature'),
    signedHeaders: assertion.signedNames.map((name) => [name, headerOf(claim, name)] as const),
    payload: assertion.payload,
  });
  if (!isSameSignature(signature, assertion.signature)) throw new S3Error('SignatureDoesNotMatch');
  return { signing, signature, payload: assertion.payload };
}
