/** Entries of the seek table: one for each percent of the length. */
export const SEEK_ENTRIES = 100;
/** So that a table of 100 entries is exact to a quarter of a percent, whatever the length. */
const MAX_POINTS = 800;

/** Where the frames of a long file begin, in a bounded number of points: when there are too many, every second one goes. */
export class SeekPoints {
  #offsets: number[] = [];
  #step = 1;
  #frames = 0;

  /** @param offset of the next frame, in bytes from the first frame */
  add(offset: number): void {
    if (this.#frames % this.#step === 0) this.#offsets.push(offset);
    this.#frames += 1;
    if (this.#offsets.length <= MAX_POINTS) return;
    this.#offsets = this.#offsets.filter((_, index) => index % 2 === 0);
    this.#step *= 2;
  }

  /** @returns for each percent of the frames, the byte offset of the last known frame that begins there or before */
  percents(): number[] {
    return Array.from({ length: SEEK_ENTRIES }, (_, percent) => {
      const frame = Math.floor((percent * this.#frames) / SEEK_ENTRIES);
      return this.#offsets[Math.floor(frame / this.#step)] ?? 0;
    });
  }
}
