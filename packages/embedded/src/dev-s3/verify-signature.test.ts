import { describe, expect, test } from 'vitest';
import type { S3RequestHead } from './s3-request.ts';
import { SHA256_OF_NOTHING } from './signing.ts';
import { verifySignature } from './verify-signature.ts';

/** The worked examples of Amazon's own documents on Signature Version 4 for S3. */
const KEY_ID = 'AKIAIOSFODNN7EXAMPLE';
const SECRETS = new Map([[KEY_ID, 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY']]);
const SIGNED_AT_MS = Date.UTC(2013, 4, 24);
const MINUTE_MS = 60_000;
const CREDENTIAL = `${KEY_ID}/20130524/us-east-1/s3/aws4_request`;

function headOf(method: string, target: string, headers: Record<string, string>): S3RequestHead {
  const [rawPath = '', query = ''] = target.split('?');
  const [, bucket = '', ...key] = rawPath.split('/');
  return { method, rawPath, bucket, key: key.join('/'), query: new URLSearchParams(query), headers: new Map(Object.entries(headers)) };
}

function getRequest(changes: Record<string, string> = {}): S3RequestHead {
  const signature = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41';
  return headOf('GET', '/test.txt', {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': SHA256_OF_NOTHING,
    'x-amz-date': '20130524T000000Z',
    authorization: `AWS4-HMAC-SHA256 Credential=${CREDENTIAL},SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=${signature}`,
    ...changes,
  });
}

function link(changes: Record<string, string> = {}, headers: Record<string, string> = {}): S3RequestHead {
  const parameters = new URLSearchParams({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': CREDENTIAL,
    'X-Amz-Date': '20130524T000000Z',
    'X-Amz-Expires': '86400',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
    ...changes,
  });
  return headOf('GET', `/test.txt?${parameters.toString()}`, { host: 'examplebucket.s3.amazonaws.com', ...headers });
}

const refusal = (code: string) => expect.objectContaining({ code });

describe('a request signed in its header', () => {
  test('is believed when its signature is right, and leaves what its chunks are signed with', () => {
    const { payload, signing } = verifySignature(getRequest(), SECRETS, SIGNED_AT_MS);
    expect(payload).toBe(SHA256_OF_NOTHING);
    expect(signing).toMatchObject({ amzDate: '20130524T000000Z', scope: '20130524/us-east-1/s3/aws4_request' });
  });

  test('is believed with a key and query that need percent-encoding', () => {
    const put = headOf('PUT', '/test%24file.text', {
      host: 'examplebucket.s3.amazonaws.com',
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
      'x-amz-date': '20130524T000000Z',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      authorization: `AWS4-HMAC-SHA256 Credential=${CREDENTIAL},SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd`,
    });
    expect(() => verifySignature(put, SECRETS, SIGNED_AT_MS)).not.toThrow();
    const list = headOf('GET', '/?max-keys=2&prefix=J', {
      host: 'examplebucket.s3.amazonaws.com',
      'x-amz-content-sha256': SHA256_OF_NOTHING,
      'x-amz-date': '20130524T000000Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${CREDENTIAL},SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7`,
    });
    expect(() => verifySignature(list, SECRETS, SIGNED_AT_MS)).not.toThrow();
  });

  test('is refused when anything that was signed has changed', () => {
    for (const changed of [
      getRequest({ range: 'bytes=0-8' }),
      { ...getRequest(), method: 'PUT' },
      { ...getRequest(), rawPath: '/other.txt' },
    ]) {
      expect(() => verifySignature(changed, SECRETS, SIGNED_AT_MS)).toThrow(refusal('SignatureDoesNotMatch'));
    }
    const withQuery = { ...getRequest(), query: new URLSearchParams('versionId=1') };
    expect(() => verifySignature(withQuery, SECRETS, SIGNED_AT_MS)).toThrow(refusal('SignatureDoesNotMatch'));
  });

  test('is refused with another secret, and with an access key nobody knows', () => {
    expect(() => verifySignature(getRequest(), new Map([[KEY_ID, 'another']]), SIGNED_AT_MS)).toThrow(refusal('SignatureDoesNotMatch'));
    expect(() => verifySignature(getRequest(), new Map(), SIGNED_AT_MS)).toThrow(refusal('InvalidAccessKeyId'));
  });

  test('is refused more than 15 minutes before or after it was signed', () => {
    for (const sign of [-1, 1]) {
      expect(() => verifySignature(getRequest(), SECRETS, SIGNED_AT_MS + sign * 15 * MINUTE_MS)).not.toThrow();
      expect(() => verifySignature(getRequest(), SECRETS, SIGNED_AT_MS + sign * 16 * MINUTE_MS)).toThrow(refusal('RequestTimeTooSkewed'));
    }
  });

  test('is refused with an x-amz header that is not signed', () => {
    const request = getRequest({ 'x-amz-copy-source': 'bucket/secret' });
    expect(() => verifySignature(request, SECRETS, SIGNED_AT_MS)).toThrow(/must be signed: x-amz-copy-source/);
  });

  test('is refused without a signature, or with one of another scheme', () => {
    const { headers } = getRequest();
    const unsigned = { ...getRequest(), headers: new Map([...headers].filter(([name]) => name !== 'authorization')) };
    expect(() => verifySignature(unsigned, SECRETS, SIGNED_AT_MS)).toThrow(refusal('AccessDenied'));
    for (const authorization of ['AWS AKIA:signature', 'Bearer token', 'AWS4-HMAC-SHA256 Credential=only']) {
      expect(() => verifySignature(getRequest({ authorization }), SECRETS, SIGNED_AT_MS)).toThrow(refusal('AuthorizationHeaderMalformed'));
    }
    expect(() => verifySignature(getRequest({ 'x-amz-date': 'yesterday' }), SECRETS, SIGNED_AT_MS)).toThrow(
      refusal('AuthorizationHeaderMalformed'),
    );
  });
});

describe('a link', () => {
  test('is believed until it expires, and not after', () => {
    for (const ageMs of [0, 86_400_000]) expect(() => verifySignature(link(), SECRETS, SIGNED_AT_MS + ageMs)).not.toThrow();
    expect(() => verifySignature(link(), SECRETS, SIGNED_AT_MS + 86_401_000)).toThrow('Request has expired');
  });

  test('leaves its body unsigned', () => {
    expect(verifySignature(link(), SECRETS, SIGNED_AT_MS).payload).toBe('UNSIGNED-PAYLOAD');
  });

  test('is refused long before it was signed', () => {
    expect(() => verifySignature(link(), SECRETS, SIGNED_AT_MS - 16 * MINUTE_MS)).toThrow(refusal('RequestTimeTooSkewed'));
  });

  test('is refused when somebody makes it last longer', () => {
    expect(() => verifySignature(link({ 'X-Amz-Expires': '86401' }), SECRETS, SIGNED_AT_MS)).toThrow(refusal('SignatureDoesNotMatch'));
  });

  test('is refused with an expiry that is missing, negative or beyond seven days', () => {
    for (const expires of ['', '-1', '604801', '1.5', 'soon']) {
      const changed = link({ 'X-Amz-Expires': expires });
      if (expires === '') changed.query.delete('X-Amz-Expires');
      expect(() => verifySignature(changed, SECRETS, SIGNED_AT_MS)).toThrow(refusal('AuthorizationQueryParametersError'));
    }
  });

  test('is refused with an x-amz header that whoever signed it did not see', () => {
    expect(() => verifySignature(link({}, { 'x-amz-tagging': 'a=b' }), SECRETS, SIGNED_AT_MS)).toThrow(refusal('AccessDenied'));
  });
});
