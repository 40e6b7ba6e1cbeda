import { emptyFrame } from './frame.ts';
import { SEEK_ENTRIES } from './seek-points.ts';
import type { Mp3Summary } from './tally.ts';

/** Frame count, byte count and seek table follow. */
const HAS_FRAMES_BYTES_AND_TABLE = 0b0111;
const FIELD_BYTES = 4;
const MARK_AND_FIELDS_BYTES = 4 * FIELD_BYTES;

export interface InfoFacts {
  readonly summary: Mp3Summary;
  /** The first bytes of any frame of the file. */
  readonly like: Uint8Array;
  /** Byte offset of each percent of the length, from the first frame of sound. */
  readonly percents: readonly number[];
}

/**
 * The frame without sound that tells players the length of a file and where to seek: "Info" for a constant bit rate, "Xing" for a
 * variable one. Layout: Xing's VBR header SDK, as described at gabriel.mp3-tech.org/mp3infotag.html.
 */
export function makeInfoFrame({ summary, like, percents }: InfoFacts): Uint8Array<ArrayBuffer> {
  const { frame, at } = emptyFrame(like, MARK_AND_FIELDS_BYTES + SEEK_ENTRIES);
  const fileBytes = frame.length + summary.bytes;
  frame.set(Buffer.from(summary.constant ? 'Info' : 'Xing', 'latin1'), at);
  const fields = new DataView(frame.buffer, at + FIELD_BYTES);
  fields.setUint32(0, HAS_FRAMES_BYTES_AND_TABLE);
  fields.setUint32(FIELD_BYTES, summary.frames);
  fields.setUint32(2 * FIELD_BYTES, fileBytes);
  const table = percents.map((offset) => Math.min(255, Math.floor(((frame.length + offset) * 256) / fileBytes)));
  frame.set(table, at + MARK_AND_FIELDS_BYTES);
  return frame;
}
