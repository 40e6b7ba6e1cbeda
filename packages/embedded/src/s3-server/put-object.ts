import { rmSync } from 'node:fs';
import { checksumHeaders } from './checksum.ts';
import { checkWrite } from './conditions.ts';
import { sendEmpty, type Operation } from './exchange.ts';
import { readConditions, readObjectHeaders, readTagHeader } from './object-headers.ts';
import { receiveFile } from './receive-body.ts';

/** PutObject. Of several writers with `If-None-Match: *` exactly one wins. */
export const putObject: Operation = async (exchange) => {
  const { folder, address } = exchange;
  const { bucket, key } = address;
  const conditions = readConditions(exchange);
  const tags = readTagHeader(exchange);
  // A first look saves the transfer; the look after it decides, for another writer may have won meanwhile.
  checkWrite(conditions, folder.bucket(bucket).get(key));
  const body = await receiveFile(exchange);
  try {
    checkWrite(conditions, folder.bucket(bucket).get(key));
    const { size, checksums, md5, file } = body;
    const stored = folder.commit(bucket, { key, size, etag: `"${md5}"`, headers: readObjectHeaders(exchange), checksums, tags }, file);
    sendEmpty(exchange, 200, { etag: stored.etag, ...checksumHeaders(stored.checksums), 'x-amz-checksum-type': 'FULL_OBJECT' });
  } catch (error) {
    rmSync(body.file, { force: true });
    throw error;
  }
};
