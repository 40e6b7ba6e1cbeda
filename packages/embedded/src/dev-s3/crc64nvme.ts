/** CRC-64/NVME (NVM Express command set, polynomial 0xAD93D23594C93659 with its bits reversed), in two halves: bigint would be slow. */
const REVERSED_POLYNOMIAL = { high: 0x9a6c9329, low: 0xac4bc9b5 };

const HIGH = new Int32Array(256);
const LOW = new Int32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let [high, low] = [0, byte];
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = (low & 1) === 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (isOdd) {
      high ^= REVERSED_POLYNOMIAL.high;
      low ^= REVERSED_POLYNOMIAL.low;
    }
  }
  HIGH[byte] = high;
  LOW[byte] = low;
}

/** A running CRC-64/NVME. */
export class Crc64Nvme {
  #high = ~0;
  #low = ~0;

  update(bytes: Uint8Array): void {
    let [high, low] = [this.#high, this.#low];
    for (const byte of bytes) {
      const index = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (LOW[index] ?? 0);
      high = (high >>> 8) ^ (HIGH[index] ?? 0);
    }
    this.#high = high;
    this.#low = low;
  }

  /** @returns 8 bytes, the most significant first */
  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeInt32BE(~this.#high, 0);
    bytes.writeInt32BE(~this.#low, 4);
    return bytes;
  }
}
