import type { Mp3Frame } from './frame.ts';

/** What an MP3 file holds; only frames with sound count, not tags nor a Xing, Info or VBRI frame. */
export interface Mp3Summary {
  readonly frames: number;
  /** Of those frames. */
  readonly bytes: number;
  readonly seconds: number;
  /** Hz, of the first frame. */
  readonly sampleRate: number;
  readonly channels: 1 | 2;
  /** Bits per second, on average. */
  readonly bitrate: number;
  /** Whether every frame has the same bit rate. */
  readonly constant: boolean;
}

/** Adds up files and parts of files that belong together. */
export class Mp3Tally {
  #first: Mp3Frame | undefined;
  #frames = 0;
  #bytes = 0;
  #seconds = 0;
  #constant = true;

  get frames(): number {
    return this.#frames;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(frame: Mp3Frame): void {
    this.#first ??= frame;
    this.#constant &&= frame.bitrate === this.#first.bitrate;
    this.#frames += 1;
    this.#bytes += frame.bytes;
    this.#seconds += frame.samples / frame.sampleRate;
  }

  /** @returns null when nothing was added */
  summary(): Mp3Summary | null {
    if (!this.#first) return null;
    const { sampleRate, channels } = this.#first;
    const bitrate = Math.round((this.#bytes * 8) / this.#seconds);
    return { frames: this.#frames, bytes: this.#bytes, seconds: this.#seconds, sampleRate, channels, bitrate, constant: this.#constant };
  }
}
