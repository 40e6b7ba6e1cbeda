import { HEADER_BYTES, readFrame, type Mp3Frame } from './frame.ts';
import { apeItemBytes, startsWith, tagBytes } from './tags.ts';

/** One stretch of a file. */
export type Mp3Piece = { readonly at: number; readonly bytes: number } & (
  | { readonly kind: 'sound'; readonly frame: Mp3Frame }
  /** `info` is a Xing, Info or VBRI frame, which holds no sound; `cut` a frame or tag that the file ends in; `stray` what is no MP3. */
  | { readonly kind: 'info' | 'tag' | 'padding' | 'stray' | 'cut' }
);

const INFO_MARKS = ['Xing', 'Info'];
/** VBRI stands at a fixed place: 32 bytes behind the header, whatever the side information. */
const VBRI_AT = 36;

function isInfo(file: Uint8Array, at: number, frame: Mp3Frame): boolean {
  // Some encoders write the mark where it would stand without the two bytes of check sum.
  const isMarked = (place: number): boolean => INFO_MARKS.some((mark) => startsWith(file, place, mark));
  return isMarked(at + frame.headBytes) || isMarked(at + frame.headBytes - 2) || startsWith(file, at + VBRI_AT, 'VBRI');
}

function isSame(one: Mp3Frame, other: Mp3Frame): boolean {
  return one.sampleRate === other.sampleRate && one.channels === other.channels;
}

/** A header is eleven bits of sync and a few legal values, which noise has too: without a neighbour that fits, it is believed only at an end. */
function isBelievable(file: Uint8Array, at: number, { frame, before }: { frame: Mp3Frame; before: Mp3Frame | undefined }): boolean {
  if (before && isSame(before, frame)) return true;
  const end = at + frame.bytes;
  if (end === file.length) return true;
  const next = readFrame(file, end);
  return next ? isSame(frame, next) : tagBytes(file, end) > 0;
}

/** What stands between the pieces that are known: zeros, the items of an APE tag without header, or something foreign. */
function nameGap(file: Uint8Array, from: number, to: number): Mp3Piece {
  const gap = { at: from, bytes: to - from };
  if (file.subarray(from, to).every((byte) => byte === 0)) return { ...gap, kind: 'padding' };
  return { ...gap, kind: apeItemBytes(file, to) === gap.bytes ? 'tag' : 'stray' };
}

function pieceAt(file: Uint8Array, at: number, before: Mp3Frame | undefined): Mp3Piece | undefined {
  const tag = tagBytes(file, at);
  if (tag > 0) return at + tag <= file.length ? { kind: 'tag', at, bytes: tag } : { kind: 'cut', at, bytes: file.length - at };
  const frame = readFrame(file, at);
  if (!frame) return undefined;
  if (at + frame.bytes > file.length) return before && isSame(before, frame) ? { kind: 'cut', at, bytes: file.length - at } : undefined;
  // Its mark is enough: some encoders write this frame with other channels than the sound.
  if (isInfo(file, at, frame)) return { kind: 'info', at, bytes: frame.bytes };
  return isBelievable(file, at, { frame, before }) ? { kind: 'sound', at, bytes: frame.bytes, frame } : undefined;
}

/** A header of which the end of the file left only the beginning. */
function isCutHeader(file: Uint8Array, at: number, before: Mp3Frame | undefined): boolean {
  if (!before || file.length - at >= HEADER_BYTES || file[at] !== 0xff) return false;
  return at + 1 === file.length || ((file[at + 1] ?? 0) & 0xe0) === 0xe0;
}

/**
 * Walks through a file. The pieces come in order, touch each other and cover every byte.
 * @param file a whole MP3 file, or anything that claims to be one
 */
export function* walkMp3(file: Uint8Array): Generator<Mp3Piece> {
  let at = 0;
  let gapFrom = 0;
  let before: Mp3Frame | undefined;
  while (at < file.length) {
    const piece: Mp3Piece | undefined =
      pieceAt(file, at, before) ?? (isCutHeader(file, at, before) ? { kind: 'cut', at, bytes: file.length - at } : undefined);
    if (!piece) {
      before = undefined;
      at += 1;
      continue;
    }
    if (at > gapFrom) yield nameGap(file, gapFrom, at);
    yield piece;
    at += piece.bytes;
    gapFrom = at;
    // A tag in the middle may separate two files that were simply put one behind the other.
    before = piece.kind === 'sound' ? piece.frame : piece.kind === 'info' ? readFrame(file, piece.at) : undefined;
  }
  if (at > gapFrom) yield nameGap(file, gapFrom, at);
}
