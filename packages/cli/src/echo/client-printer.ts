/**
 * How `echo-client` prints what comes back: the bytes alone, or line by line.
 *
 * A line is complete at its line end or at the end of all. The longest that is kept is 64 KiB: of a longer one each
 * piece is printed like a line of its own, cut between two characters. No byte is looked at twice.
 *
 * A printer resolves when the output has taken what it was given: who waits for that before he receives more has the
 * server wait, too, and holds little.
 */
import { bytesAsText, firstBytes, printableJson } from '../terminal/plain-text.ts';

/** The longest line that is kept: more than a screen. */
const MAX_LINE = 64 * 1024;

/** The longest character of UTF-8. */
const MAX_CHARACTER = 4;

const LINE_END = 0x0a;

/** Takes the bytes that come back. */
export interface Printer {
  /** Prints `bytes`, which are the caller's again when it resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Prints what is left: nothing more comes. */
  end(): Promise<void>;
}

/** Prints the bytes as they are. */
export function rawPrinter(out: NodeJS.WritableStream): Printer {
  return {
    write: (bytes) => written(out, bytes),
    end: () => Promise.resolve(),
  };
}

/** Prints `received ...` for each line. */
export function textPrinter(out: NodeJS.WritableStream): Printer {
  return new LinePrinter(out, (line) => `received ${bytesAsText(line)}`);
}

/** Prints an object for each line: as text where it is UTF-8, else in base64. `bytes` leaves the line end out. */
export function jsonPrinter(out: NodeJS.WritableStream): Printer {
  return new LinePrinter(out, (line) =>
    printableJson({ event: 'received', bytes: line.length, ...contentOf(line) }),
  );
}

class LinePrinter implements Printer {
  readonly #out: NodeJS.WritableStream;
  readonly #describe: (line: Uint8Array) => string;
  /** The beginning of a line whose end has not come. */
  readonly #begun = new Uint8Array(MAX_LINE);
  #length = 0;

  constructor(out: NodeJS.WritableStream, describe: (line: Uint8Array) => string) {
    this.#out = out;
    this.#describe = describe;
  }

  async write(bytes: Uint8Array): Promise<void> {
    const lines: string[] = [];
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(LINE_END, start);
      this.#keep(bytes.subarray(start, end === -1 ? undefined : end), lines);
      if (end === -1) break;
      this.#finish(this.#length, lines);
      start = end + 1;
    }
    await this.#print(lines);
  }

  async end(): Promise<void> {
    const lines: string[] = [];
    if (this.#length > 0) this.#finish(this.#length, lines);
    await this.#print(lines);
  }

  /** Puts bytes behind those that are kept, and gives up what is too long. */
  #keep(bytes: Uint8Array, lines: string[]): void {
    for (let rest = bytes; rest.length > 0;) {
      if (this.#length === MAX_LINE) {
        this.#finish(firstBytes(this.#begun, MAX_LINE - MAX_CHARACTER).length, lines);
      }
      const part = rest.subarray(0, MAX_LINE - this.#length);
      this.#begun.set(part, this.#length);
      this.#length += part.length;
      rest = rest.subarray(part.length);
    }
  }

  /** Makes a line of the first `length` bytes that are kept. */
  #finish(length: number, lines: string[]): void {
    lines.push(this.#describe(this.#begun.subarray(0, length)));
    this.#begun.copyWithin(0, length, this.#length);
    this.#length -= length;
  }

  async #print(lines: readonly string[]): Promise<void> {
    if (lines.length > 0) await written(this.#out, `${lines.join('\n')}\n`);
  }
}

/** Resolves when `out` has passed it on. One that fails ends the command elsewhere: `terminal/output.ts`. */
function written(out: NodeJS.WritableStream, what: Uint8Array | string): Promise<void> {
  return new Promise((resolve) => out.write(what, () => resolve()));
}

function contentOf(line: Uint8Array): object {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line) };
  } catch {
    return { base64: Buffer.from(line).toString('base64') };
  }
}
