import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeChunks, type ChunkOptions } from './decode-chunks.ts';
import { deriveSigningKey, type Signing } from './signing.ts';

/** Yields the bytes in pieces that end at the given places, as a network may deliver them. */
async function* cut(bytes: Buffer, places: readonly number[] = []): AsyncGenerator<Buffer> {
  let start = 0;
  for (const place of [...places].sort((left, right) => left - right)) {
    yield bytes.subarray(start, Math.max(start, place));
    start = Math.max(start, place);
  }
  yield bytes.subarray(start);
}

async function decode(
  source: AsyncIterable<Buffer>,
  options: Partial<ChunkOptions> = {},
): Promise<{ bytes: Buffer; trailers: Map<string, string> }> {
  const trailers = new Map<string, string>();
  const pieces: Buffer[] = [];
  for await (const piece of decodeChunks(source, { hasTrailer: false, ...options, trailers })) pieces.push(piece);
  return { bytes: Buffer.concat(pieces), trailers };
}

const refusal = (code: string) => expect.objectContaining({ code });

describe('unsigned chunks', () => {
  test('give back the body and its trailer, wherever the network cuts them', async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(chunks, fc.array(fc.nat(2500), { maxLength: 12 }), async (bodies, places) => {
        const framed = bodies.flatMap((body) => [Buffer.from(`${body.length.toString(16)}\r\n`), Buffer.from(body), Buffer.from('\r\n')]);
        const bytes = Buffer.concat([...framed, Buffer.from('0\r\nx-amz-checksum-crc32: AAAAAA==\r\n\r\n')]);
        const decoded = await decode(
          cut(
            bytes,
            places.map((place) => Math.min(place, bytes.length)),
          ),
          { hasTrailer: true },
        );
        expect(decoded.bytes.equals(Buffer.concat(bodies))).toBe(true);
        expect([...decoded.trailers]).toEqual([['x-amz-checksum-crc32', 'AAAAAA==']]);
      }),
    );
  });

  test.each([
    ['ends in the middle of a chunk', '5\r\nhel'],
    ['ends without the last chunk', '5\r\nhello\r\n'],
    ['has a size that is no number', 'five\r\nhello\r\n0\r\n\r\n'],
    ['has a size that is too small', '4\r\nhello\r\n0\r\n\r\n'],
    ['has no framing at all', 'hello'],
    ['has a trailer nobody announced', '0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n'],
  ])('are refused when the body %s', async (_, text) => {
    await expect(decode(cut(Buffer.from(text)))).rejects.toEqual(refusal('IncompleteBody'));
  });

  test('are refused when a line does not end', async () => {
    const endless = (async function* () {
      for (;;) yield Buffer.alloc(1024, '0');
    })();
    await expect(decode(endless)).rejects.toEqual(refusal('IncompleteBody'));
  });
});

/** The worked examples of Amazon's documents on signed chunks. */
const SCOPE = '20130524/us-east-1/s3/aws4_request';
const SIGNING: Omit<Signing, 'signature'> = {
  key: deriveSigningKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', SCOPE),
  amzDate: '20130524T000000Z',
  scope: SCOPE,
};
const BODY = Buffer.alloc(66_560, 'a');

function frame(signatures: readonly [string, string, string]): Buffer {
  const header = (size: number, signature: string): Buffer => Buffer.from(`${size.toString(16)};chunk-signature=${signature}\r\n`);
  const [first, second, last] = signatures;
  const end = Buffer.from('\r\n');
  return Buffer.concat([
    header(65_536, first),
    BODY.subarray(0, 65_536),
    end,
    header(1024, second),
    BODY.subarray(65_536),
    end,
    header(0, last),
  ]);
}

describe('signed chunks', () => {
  const signing: Signing = { ...SIGNING, signature: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9' };
  const signatures = [
    'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
  ] as const;
  const bytes = Buffer.concat([frame(signatures), Buffer.from('\r\n')]);

  test('are believed when every signature is right', async () => {
    expect((await decode(cut(bytes, [3, 90, 65_000, 65_700, 66_000]), { signing })).bytes.equals(BODY)).toBe(true);
  });

  test('are refused when a byte has changed', async () => {
    const changed = Buffer.from(bytes);
    changed[40_000] = 98;
    await expect(decode(cut(changed), { signing })).rejects.toEqual(refusal('SignatureDoesNotMatch'));
  });

  test('are refused when a signature is missing, even the one of the last, empty chunk', async () => {
    const bare = Buffer.from('5\r\nhello\r\n0\r\n\r\n');
    await expect(decode(cut(bare), { signing })).rejects.toEqual(refusal('SignatureDoesNotMatch'));
    const withoutLast = Buffer.from(bytes.toString('latin1').replace(`0;chunk-signature=${signatures[2]}`, '0'), 'latin1');
    await expect(decode(cut(withoutLast), { signing })).rejects.toEqual(refusal('SignatureDoesNotMatch'));
  });

  test('are refused when a chunk was left out', async () => {
    const shorter = Buffer.from(`0;chunk-signature=${signatures[2]}\r\n\r\n`);
    await expect(decode(cut(shorter), { signing })).rejects.toEqual(refusal('SignatureDoesNotMatch'));
  });
});

describe('signed chunks with a trailer', () => {
  const signing: Signing = { ...SIGNING, signature: '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e' };
  const chunks = frame([
    'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
    '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
    '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
  ]);
  const trailer = (checksum: string): Buffer =>
    Buffer.from(
      `x-amz-checksum-crc32c:${checksum}\n\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n`,
    );

  test('are believed when the trailer is signed, too', async () => {
    const { bytes, trailers } = await decode(cut(Buffer.concat([chunks, trailer('sOO8/Q==')])), { signing, hasTrailer: true });
    expect(bytes.equals(BODY)).toBe(true);
    expect([...trailers]).toEqual([['x-amz-checksum-crc32c', 'sOO8/Q==']]);
  });

  test('are refused when the trailer has changed or its signature is missing', async () => {
    for (const end of [trailer('AAAAAA=='), Buffer.from('x-amz-checksum-crc32c:sOO8/Q==\r\n\r\n')]) {
      await expect(decode(cut(Buffer.concat([chunks, end])), { signing, hasTrailer: true })).rejects.toEqual(
        refusal('SignatureDoesNotMatch'),
      );
    }
  });
});
