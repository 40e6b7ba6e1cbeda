import type { Environment } from './variables.ts';

/** Address and keys of an object store, as clients of S3 take them. */
export interface ObjectStoreSettings {
  /** Absent = Amazon S3. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
  /** Absent = true when there is an endpoint. */
  readonly forcePathStyle: true | undefined;
  /** What links for others name, when that is not the endpoint. */
  readonly publicEndpoint: string | undefined;
}

/** @returns the object store that the environment names by an address or a key; undefined = none */
export function readObjectStore(environment: Environment): ObjectStoreSettings | undefined {
  if (environment.S3_ENDPOINT === undefined && environment.AWS_ACCESS_KEY_ID === undefined) return undefined;
  return {
    endpoint: environment.S3_ENDPOINT,
    region: environment.S3_REGION,
    bucket: environment.S3_BUCKET,
    accessKeyId: environment.AWS_ACCESS_KEY_ID,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
    forcePathStyle: environment.S3_FORCE_PATH_STYLE ? true : undefined,
    publicEndpoint: environment.S3_PUBLIC_ENDPOINT,
  };
}
