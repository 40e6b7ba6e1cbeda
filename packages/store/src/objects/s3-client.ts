import type { S3ClientConfig } from '@aws-sdk/client-s3';

export interface ObjectsOptions {
  /** URL of the server; absent = Amazon S3. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  readonly bucket: string;
  /** Absent, both of them: what the SDK finds in its usual places, such as the role of the machine. */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  /** The bucket in the path instead of the host; most servers but Amazon's want it. Default: true when there is an endpoint. */
  readonly forcePathStyle?: boolean | undefined;
  /** What presigned links name, when that is not the endpoint. */
  readonly publicEndpoint?: string | undefined;
  /** Longest time for a connection; default 3,000. */
  readonly connectMs?: number | undefined;
  /** Longest time for a call with its tries, or between two pieces of a stream; default 8,000. */
  readonly deadlineMs?: number | undefined;
}

const CONNECT_MS = 3_000;
export const DEADLINE_MS = 8_000;
const TRIES = 3;

/** The SDK takes 0.2 s and 40 MB: it is loaded with the first call, so that programs that store no object do without. */
export async function loadSdk() {
  const [s3, storage, presigner] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/lib-storage'),
    import('@aws-sdk/s3-request-presigner'),
  ]);
  return { ...s3, Upload: storage.Upload, getSignedUrl: presigner.getSignedUrl };
}
export type Sdk = Awaited<ReturnType<typeof loadSdk>>;
/** @param endpoint undefined = Amazon S3 */
export function clientConfig(options: ObjectsOptions, endpoint: string | undefined): S3ClientConfig {
  const { accessKeyId, secretAccessKey } = options;
  return {
    region: options.region,
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: options.forcePathStyle ?? endpoint !== undefined,
    ...(accessKeyId && secretAccessKey ? { credentials: { accessKeyId, secretAccessKey } } : {}),
    maxAttempts: TRIES,
    // The newer check sums are not known to many other servers; ours is sent besides, and theirs is checked where we ask for it.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: options.connectMs ?? CONNECT_MS,
      requestTimeout: options.deadlineMs ?? DEADLINE_MS,
      throwOnRequestTimeout: true,
    },
  };
}
