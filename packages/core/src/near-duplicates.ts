/**
 * Finds texts that are almost the same among very many, in flat memory: one-permutation MinHash over character shingles (Li, Owen and Zhang,
 * "One Permutation Hashing", 2012), candidates by bands of the signature, then the similarity estimated from the whole signature.
 */

/**
 * Bins of a signature, counted in 16 bits. The lowest 8 of each are kept (Li and König, "b-Bit Minwise Hashing", 2010): 32 bytes a text, and a
 * bin of two texts that have nothing in common is the same in one of 255 cases.
 */
const BINS = 32;
const BANDS = 4;
const BINS_OF_BAND = BINS / BANDS;
/** Characters of one shingle. Characters rather than words, because not every language parts its words. */
const SHINGLE = 6;
/** What lies behind is not looked at: the beginning of two long texts tells whether they are one. */
const MAX_CHARACTERS = 4_000;
/** Estimated share of common shingles from which on two texts count as the same. */
const SAME_FROM = 0.85;
/** Beyond so many others in one bucket a text is compared with the newest of them only: a bucket of boilerplate must not make it quadratic. */
const MAX_COMPARED = 64;
const EMPTY = 0xff_ff;
const EMPTY_KEPT = 0xff;
const CHUNK = 1 << 14;
const BUCKETS = 1 << 18;
const BASE = 1_000_003;

/** BASE to the power of SHINGLE, modulo 2^32: what the character that leaves the window is worth. */
const LEAVING = Array.from({ length: SHINGLE }).reduce<number>((power) => Math.imul(power, BASE), 1);

/** Spreads the bits of a rolling hash (the finaliser of MurmurHash3). */
function mix(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85_eb_ca_6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2_b2_ae_35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** Writes the signature of a text into `bins`. */
function sign(text: string, bins: Uint16Array): void {
  bins.fill(EMPTY);
  const end = Math.min(text.length, MAX_CHARACTERS);
  let rolling = 0;
  for (let at = 0; at < end; at++) {
    rolling = (Math.imul(rolling, BASE) + text.charCodeAt(at)) | 0;
    if (at >= SHINGLE) rolling = (rolling - Math.imul(LEAVING, text.charCodeAt(at - SHINGLE))) | 0;
    if (at < SHINGLE - 1 && at < end - 1) continue;
    const spread = mix(rolling);
    const bin = spread >>> 27;
    const value = (spread >>> 8) & 0xff_ff;
    if (value < (bins[bin] ?? EMPTY)) bins[bin] = value;
  }
}

function bandHash(bins: Uint16Array, band: number): number {
  let result = band + 1;
  for (let bin = band * BINS_OF_BAND; bin < (band + 1) * BINS_OF_BAND; bin++) result = mix(Math.imul(result, 31) + (bins[bin] ?? EMPTY));
  return result & (BUCKETS - 1);
}

/** What is kept of a signature. */
function shorten(bins: Uint16Array, kept: Uint8Array): void {
  for (let bin = 0; bin < BINS; bin++) {
    const value = bins[bin] ?? EMPTY;
    kept[bin] = value === EMPTY ? EMPTY_KEPT : value % EMPTY_KEPT;
  }
}

/** Share of bins that agree, of those that either text has filled. */
function similarity(one: Uint8Array, two: Uint8Array): number {
  let same = 0;
  let filled = 0;
  for (let bin = 0; bin < BINS; bin++) {
    const [first, second] = [one[bin], two[bin]];
    if (first === EMPTY_KEPT && second === EMPTY_KEPT) continue;
    filled++;
    if (first === second) same++;
  }
  return filled === 0 ? 1 : same / filled;
}

export interface NearDuplicateFilter {
  /** @returns true when an almost equal text was added before; otherwise the text is added */
  isKnown(text: string): boolean;
  readonly size: number;
}

/** A filter without any text. It takes some 50 bytes a text. */
export function createNearDuplicateFilter(): NearDuplicateFilter {
  const signatures: Uint8Array[] = [];
  /** For each text and band the text before it in the same bucket, -1 = none. */
  const earlier: Int32Array[] = [];
  const newest = new Int32Array(BANDS * BUCKETS).fill(-1);
  const bins = new Uint16Array(BINS);
  const kept = new Uint8Array(BINS);
  let size = 0;

  function signatureOf(text: number): Uint8Array {
    const chunk = signatures[Math.floor(text / CHUNK)] ?? kept;
    return chunk.subarray((text % CHUNK) * BINS, (text % CHUNK) * BINS + BINS);
  }

  function isLikeOneBefore(): boolean {
    for (let band = 0; band < BANDS; band++) {
      let other = newest[band * BUCKETS + bandHash(bins, band)] ?? -1;
      for (let compared = 0; other >= 0 && compared < MAX_COMPARED; compared++) {
        if (similarity(kept, signatureOf(other)) >= SAME_FROM) return true;
        other = earlier[Math.floor(other / CHUNK)]?.[(other % CHUNK) * BANDS + band] ?? -1;
      }
    }
    return false;
  }

  function add(): void {
    const chunk = Math.floor(size / CHUNK);
    const place = size % CHUNK;
    if (place === 0) {
      signatures.push(new Uint8Array(CHUNK * BINS));
      earlier.push(new Int32Array(CHUNK * BANDS));
    }
    signatures[chunk]?.set(kept, place * BINS);
    for (let band = 0; band < BANDS; band++) {
      const bucket = band * BUCKETS + bandHash(bins, band);
      const links = earlier[chunk];
      if (links !== undefined) links[place * BANDS + band] = newest[bucket] ?? -1;
      newest[bucket] = size;
    }
    size++;
  }

  return {
    isKnown(text) {
      sign(text, bins);
      shorten(bins, kept);
      if (isLikeOneBefore()) return true;
      add();
      return false;
    },
    get size() {
      return size;
    },
  };
}
