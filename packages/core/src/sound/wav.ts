/** WAV: samples behind a header of chunks (RIFF). */
import { PCM_RATE, PCM_SAMPLE_BYTES } from '../speech-format.ts';

export interface WavData {
  /** Where the samples begin and end, in bytes. */
  readonly start: number;
  readonly end: number;
  readonly bytesPerSecond: number;
}

const HEADER_BYTES = 44;
const CHUNK_HEAD = 8;

function tag(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((offset) => view.getUint8(at + offset)));
}

/**
 * Finds the samples of a WAV file. A file that was streamed may not know its own length: then they go to its end.
 * @returns null when it is no WAV file, or ends within what it says to hold
 */
export function readWav(bytes: Uint8Array): WavData | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || tag(view, 0) !== 'RIFF' || tag(view, 8) !== 'WAVE') return null;
  let bytesPerSecond = 0;
  for (let at = 12; at + CHUNK_HEAD <= bytes.length;) {
    const [name, size] = [tag(view, at), view.getUint32(at + 4, true)];
    const start = at + CHUNK_HEAD;
    if (name === 'fmt ') bytesPerSecond = view.getUint32(start + 8, true);
    if (name === 'data') {
      const isOpen = size === 0 || size >= 0x7fff_ff00;
      const end = isOpen ? bytes.length : start + size;
      return end > bytes.length || bytesPerSecond === 0 ? null : { start, end, bytesPerSecond };
    }
    at = start + size + (size % 2);
  }
  return null;
}

/** @returns the header of a WAV file of so many bytes of samples as `pcm` has them */
export function wavHeader(dataBytes: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  const write = (at: number, text: string): void => [...text].forEach((letter, offset) => view.setUint8(at + offset, letter.charCodeAt(0)));
  write(0, 'RIFF');
  view.setUint32(4, HEADER_BYTES - CHUNK_HEAD + dataBytes, true);
  write(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, PCM_RATE, true);
  view.setUint32(28, PCM_RATE * PCM_SAMPLE_BYTES, true);
  view.setUint16(32, PCM_SAMPLE_BYTES, true);
  view.setUint16(34, PCM_SAMPLE_BYTES * 8, true);
  write(36, 'data');
  view.setUint32(40, dataBytes, true);
  return header;
}
