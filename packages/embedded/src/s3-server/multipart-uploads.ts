import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { S3Error } from './s3-error.ts';
import type { ReceivedBody } from './receive-body.ts';

export type UploadedPart = ReceivedBody & { readonly file: string };

export interface MultipartUpload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  /** ISO 8601. */
  readonly initiated: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly parts: ReadonlyMap<number, UploadedPart>;
}

/** Uploads that are not finished yet. A restart forgets them, as a lifecycle rule of a real bucket would. */
export interface MultipartUploads {
  start(upload: Pick<MultipartUpload, 'bucket' | 'key' | 'headers' | 'tags'>): MultipartUpload;
  of(bucket: string): readonly MultipartUpload[];
  /** @throws S3Error NoSuchUpload when there is none of this id for the key */
  find(id: string, place: { readonly bucket: string; readonly key: string }): MultipartUpload;
  /** Keeps a part, instead of an earlier one of the same number. */
  keepPart(upload: MultipartUpload, partNumber: number, part: UploadedPart): void;
  /** Forgets an upload and removes its parts. */
  end(upload: MultipartUpload): void;
}

export function createMultipartUploads(): MultipartUploads {
  const uploads = new Map<string, MultipartUpload & { readonly parts: Map<number, UploadedPart> }>();
  return {
    start(upload) {
      const started = { ...upload, id: randomUUID(), initiated: new Date().toISOString(), parts: new Map<number, UploadedPart>() };
      uploads.set(started.id, started);
      return started;
    },
    of: (bucket) => [...uploads.values()].filter((upload) => upload.bucket === bucket),
    find(id, { bucket, key }) {
      const upload = uploads.get(id);
      if (!upload || upload.bucket !== bucket || upload.key !== key) throw new S3Error('NoSuchUpload');
      return upload;
    },
    keepPart({ id }, partNumber, part) {
      const upload = uploads.get(id);
      if (!upload) {
        // Aborted while the part was on its way.
        rmSync(part.file, { force: true });
        throw new S3Error('NoSuchUpload');
      }
      const old = upload.parts.get(partNumber);
      upload.parts.set(partNumber, part);
      if (old) rmSync(old.file, { force: true });
    },
    end({ id }) {
      for (const part of uploads.get(id)?.parts.values() ?? []) rmSync(part.file, { force: true });
      uploads.delete(id);
    },
  };
}
