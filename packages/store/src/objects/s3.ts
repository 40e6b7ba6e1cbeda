import { Readable } from 'node:stream';
import type { GetObjectCommandOutput, PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import type { ByteRange, ListedObject, ObjectFacts, ObjectInfo, Objects, OpenedObject, PresignOptions } from '../objects.ts';
import { startDeadline, toStream, within } from './deadline.ts';
import { checkBytes, hashBody } from './hash-body.ts';
import { clientConfig, DEADLINE_MS, loadSdk, type ObjectsOptions, type Sdk } from './s3-client.ts';
import { readRefusal, toObjectError } from './s3-error.ts';

const MAX_EXPIRY_S = 900;
/** Of one request of a large upload; two are under way at a time, and the next waits in memory. */
const UPLOAD_PART_BYTES = 8 * 1_024 * 1_024;
const UPLOADS_AT_A_TIME = 2;
/** Of metadata: x-amz-meta-sha256. */
const SHA256 = 'sha256';

interface Connection {
  readonly sdk: Sdk;
  readonly client: S3Client;
}

function toRangeHeader(range: ByteRange): string {
  return 'last' in range ? `bytes=-${range.last}` : `bytes=${range.start}-${range.end ?? ''}`;
}

/** "bytes 10-19/200": where an answer begins and how long the whole object is. */
function readContentRange(header: string | undefined, bytes: number): { start: number; totalBytes: number } {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(header ?? '') ?? [];
  return start === undefined ? { start: 0, totalBytes: bytes } : { start: Number(start), totalBytes: Number(total) };
}

function isMissing(error: unknown): boolean {
  const { name } = readRefusal(error);
  return name === 'NoSuchKey' || name === 'NotFound';
}

/** Objects in a bucket of Amazon S3 or of any server that speaks its protocol. */
class S3Objects implements Objects {
  readonly #options: ObjectsOptions;
  readonly #deadlineMs: number;
  readonly #clients = new Map<string | undefined, S3Client>();
  /** Whether the server knows `If-None-Match` on a write. */
  #hasConditions = true;

  constructor(options: ObjectsOptions) {
    this.#options = options;
    this.#deadlineMs = options.deadlineMs ?? DEADLINE_MS;
  }

  async #connect(endpoint: string | undefined = this.#options.endpoint): Promise<Connection> {
    const sdk = await loadSdk();
    const client = this.#clients.get(endpoint) ?? new sdk.S3Client(clientConfig(this.#options, endpoint));
    this.#clients.set(endpoint, client);
    return { sdk, client };
  }

  #toError = (error: unknown): Error => toObjectError(error, this.#options.bucket);

  /** One call with its deadline. */
  async #call<T>(run: (connection: Connection, signal: AbortSignal) => Promise<T>): Promise<T> {
    const connection = await this.#connect();
    try {
      return await within(this.#deadlineMs, (signal) => run(connection, signal));
    } catch (error) {
      throw this.#toError(error);
    }
  }

  #write(key: string, { contentType, sha256 }: ObjectFacts): Omit<PutObjectCommandInput, 'Body'> {
    const condition = this.#hasConditions ? { IfNoneMatch: '*' } : {};
    return { Bucket: this.#options.bucket, Key: key, ContentType: contentType, Metadata: { [SHA256]: sha256 }, ...condition };
  }

  async put(key: string, body: Uint8Array | AsyncIterable<Uint8Array>, facts: ObjectFacts): Promise<{ created: boolean }> {
    if (!(body instanceof Uint8Array)) return this.#putStream(key, body, facts);
    checkBytes(body, facts.sha256);
    return this.#putBytes(key, body, facts);
  }

  async #putBytes(key: string, bytes: Uint8Array, facts: ObjectFacts): Promise<{ created: boolean }> {
    const hadConditions = this.#hasConditions;
    if (!hadConditions && (await this.head(key))) return { created: false };
    const { sdk, client } = await this.#connect();
    const ChecksumSHA256 = Buffer.from(facts.sha256, 'hex').toString('base64');
    const command = new sdk.PutObjectCommand({ ...this.#write(key, facts), Body: bytes, ContentLength: bytes.length, ChecksumSHA256 });
    try {
      await within(this.#deadlineMs, (abortSignal) => client.send(command, { abortSignal }));
      return { created: true };
    } catch (error) {
      if (hadConditions && this.#learnsNoConditions(error)) return this.#putBytes(key, bytes, facts);
      return this.#settleWrite(key, error);
    }
  }

  async #putStream(key: string, source: AsyncIterable<Uint8Array>, facts: ObjectFacts): Promise<{ created: boolean }> {
    // A stream is long and can be read only once, so it is worth a look.
    if (await this.head(key)) return { created: false };
    const { sdk, client } = await this.#connect();
    const deadline = startDeadline(this.#deadlineMs);
    const { body, failure } = hashBody(source, { sha256: facts.sha256, onChunk: deadline.renew });
    const stream = Readable.from(body, { objectMode: false });
    const upload = new sdk.Upload({
      client,
      params: { ...this.#write(key, facts), Body: stream },
      partSize: UPLOAD_PART_BYTES,
      queueSize: UPLOADS_AT_A_TIME,
      abortController: deadline.controller,
    });
    upload.on('httpUploadProgress', deadline.renew);
    try {
      await upload.done();
      return { created: true };
    } catch (error) {
      const broken = failure();
      if (broken) throw broken.error;
      this.#learnsNoConditions(error);
      return await this.#settleWrite(key, error);
    } finally {
      deadline.clear();
      stream.destroy();
    }
  }

  /** Some servers answer 501 to a condition on a write instead of overlooking it. */
  #learnsNoConditions(error: unknown): boolean {
    if (readRefusal(error).status !== 501) return false;
    this.#hasConditions = false;
    return true;
  }

  /** A write that was refused because the object is there is a success; while another write is under way, S3 says 409. */
  async #settleWrite(key: string, error: unknown): Promise<{ created: boolean }> {
    const { status } = readRefusal(error);
    if (status === 412 || (status === 409 && (await this.head(key)))) return { created: false };
    throw this.#toError(error);
  }

  async get(key: string, range?: ByteRange): Promise<OpenedObject | undefined> {
    const input = { Bucket: this.#options.bucket, Key: key, ...(range ? { Range: toRangeHeader(range) } : {}) };
    const answer = await this.#call(({ sdk, client }, abortSignal) =>
      client.send(new sdk.GetObjectCommand(input), { abortSignal }).catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      }),
    );
    return answer && this.#open(answer);
  }

  #open({ Body, ContentLength = 0, ContentRange, ContentType }: GetObjectCommandOutput): OpenedObject {
    const body = Body instanceof Readable ? Body : Readable.from([]);
    const stream = toStream(body, { idleMs: this.#deadlineMs, toError: this.#toError });
    return { stream, bytes: ContentLength, ...readContentRange(ContentRange, ContentLength), contentType: ContentType };
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    return this.#call(async ({ sdk, client }, abortSignal) => {
      try {
        const answer = await client.send(new sdk.HeadObjectCommand({ Bucket: this.#options.bucket, Key: key }), { abortSignal });
        return {
          bytes: answer.ContentLength ?? 0,
          contentType: answer.ContentType,
          sha256: answer.Metadata?.[SHA256],
          modifiedAt: answer.LastModified ?? new Date(0),
        };
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  async delete(key: string): Promise<void> {
    await this.#call(({ sdk, client }, abortSignal) =>
      client.send(new sdk.DeleteObjectCommand({ Bucket: this.#options.bucket, Key: key }), { abortSignal }),
    );
  }

  async *list(prefix: string): AsyncGenerator<ListedObject> {
    let token: string | undefined;
    do {
      const input = { Bucket: this.#options.bucket, Prefix: prefix, ...(token === undefined ? {} : { ContinuationToken: token }) };
      const page = await this.#call(({ sdk, client }, abortSignal) => client.send(new sdk.ListObjectsV2Command(input), { abortSignal }));
      for (const { Key, Size = 0, LastModified = new Date(0) } of page.Contents ?? []) {
        if (Key !== undefined) yield { key: Key, bytes: Size, modifiedAt: LastModified };
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async presign(key: string, { expiresS, publicEndpoint }: PresignOptions): Promise<string> {
    if (!Number.isInteger(expiresS) || expiresS < 1 || expiresS > MAX_EXPIRY_S) {
      throw new RangeError(`A link must expire after 1 to ${MAX_EXPIRY_S} seconds, not ${expiresS}.`);
    }
    const { sdk, client } = await this.#connect(publicEndpoint ?? this.#options.publicEndpoint ?? this.#options.endpoint);
    try {
      return await sdk.getSignedUrl(client, new sdk.GetObjectCommand({ Bucket: this.#options.bucket, Key: key }), { expiresIn: expiresS });
    } catch (error) {
      throw this.#toError(error);
    }
  }

  async ping(): Promise<void> {
    await this.#call(({ sdk, client }, abortSignal) =>
      client.send(new sdk.HeadBucketCommand({ Bucket: this.#options.bucket }), { abortSignal }),
    );
  }

  close(): void {
    for (const client of this.#clients.values()) client.destroy();
    this.#clients.clear();
  }
}

/**
 * Opens an object store; nothing is sent before the first call, ask `ping` whether it is there.
 */
export function openObjects(options: ObjectsOptions): Objects {
  return new S3Objects(options);
}
