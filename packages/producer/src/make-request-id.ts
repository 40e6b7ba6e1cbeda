import { randomFillSync } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';

const BYTES_OF_ONE = 16;
/** Asked for one by one, random bytes were the largest single cost of a memory hit over HTTP after writing to the socket. */
const pool = new Uint8Array(BYTES_OF_ONE * 256);
let used = pool.length;

/** A UUID of version 7: in the order of time, and not to be guessed. */
export function makeRequestId(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, (used += BYTES_OF_ONE));
  return uuidv7({ random });
}
