/**
 * LineWriter: log lines to a stream, with a cap on what waits when whoever reads them has stalled. A log
 * must not grow without bound because nobody looks at it; what was left out is counted and said.
 */

/** 1 MiB: some ten thousand lines. */
const MAX_WAITING = 1024 * 1024;

/** Writes lines to a stream. */
export class LineWriter {
  readonly #out: NodeJS.WritableStream & { readonly writableLength?: number };
  /** Makes the line that stands for those left out. */
  readonly #describeGap: (lines: number) => string;
  #leftOut = 0;

  constructor(out: NodeJS.WritableStream, describeGap: (lines: number) => string) {
    this.#out = out;
    this.#describeGap = describeGap;
  }

  /** Writes a line, or leaves it out when too much waits already. */
  readonly write = (line: string): void => {
    if ((this.#out.writableLength ?? 0) > MAX_WAITING) {
      this.#leftOut += 1;
      return;
    }
    if (this.#leftOut > 0) {
      this.#out.write(`${this.#describeGap(this.#leftOut)}\n`);
      this.#leftOut = 0;
    }
    this.#out.write(`${line}\n`);
  };
}
