/** Takes lines and counted bytes from pieces that end anywhere, keeping no more than one piece and the start of a line. */
export class PieceReader {
  readonly #pieces: AsyncIterator<Buffer>;
  #kept: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#pieces = source[Symbol.asyncIterator]();
  }

  /** @returns the text up to CR LF without these, or undefined when none comes within `longest` bytes or before the end */
  async readLine(longest: number): Promise<string | undefined> {
    for (;;) {
      const end = this.#kept.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#kept.toString('latin1', 0, end);
        this.#kept = this.#kept.subarray(end + 2);
        return line;
      }
      if (this.#kept.length > longest || !(await this.#fetch())) return undefined;
    }
  }

  /** @returns 1 to `most` bytes, as many as are at hand; none at the end */
  async readSome(most: number): Promise<Buffer> {
    if (this.#kept.length === 0) await this.#fetch();
    const some = this.#kept.subarray(0, most);
    this.#kept = this.#kept.subarray(some.length);
    return some;
  }

  async #fetch(): Promise<boolean> {
    for (;;) {
      const next = await this.#pieces.next();
      if (next.done === true) return false;
      if (next.value.length === 0) continue;
      this.#kept = this.#kept.length === 0 ? next.value : Buffer.concat([this.#kept, next.value]);
      return true;
    }
  }
}
