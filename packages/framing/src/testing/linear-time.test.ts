import { describe, expect, test } from 'vitest';
import { NEED_DATA, type Decoder, type NeedData } from '../decoder.ts';
import { RemoteProtocolError, TruncatedFrameError } from '../errors.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';
import { DecoderVerificationError, verifyDecoder, type DecoderCase } from './index.ts';

const LF = 0x0a;
const utf8 = new TextDecoder();
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Short lines, the way people write them: nothing here is long. */
const LINES: readonly DecoderCase<string>[] = [
  { name: 'two lines', bytes: ascii('a\nbc\n'), frames: ['a', 'bc'] },
  { name: 'an empty line', bytes: ascii('\n'), frames: [''] },
];

/** Says where the line ends; the search begins at `from`, bytes from the first unread one. */
type FindEnd = (buffer: ReceiveBuffer, from: number) => number | undefined;

/** A decoder of lines that looks for their ends in a way of its own. */
function lineDecoder(
  findEnd: FindEnd,
  { remembers = true, readLine = textOf }: { remembers?: boolean; readLine?: typeof textOf } = {},
): () => Decoder<string> {
  return () => {
    let searched = 0;
    return {
      decode(buffer): string | NeedData {
        const length = findEnd(buffer, remembers ? searched : 0);
        if (length === undefined) {
          searched = buffer.length;
          return NEED_DATA;
        }
        searched = 0;
        const line = readLine(buffer, length);
        buffer.consume(length + 1);
        return line;
      },
      end(buffer) {
        if (buffer.length > 0) throw new TruncatedFrameError('end inside a line');
      },
    };
  };
}

function textOf({ bytes, start }: ReceiveBuffer, length: number): string {
  return utf8.decode(bytes.subarray(start, start + length));
}

const byIndex: FindEnd = ({ bytes, start, end }, from) => {
  for (let at = start + from; at < end; at++) if (bytes[at] === LF) return at - start;
  return undefined;
};

const found = (index: number): number | undefined => (index === -1 ? undefined : index);

/** One search, written in several ways. */
const SEARCHES: readonly (readonly [string, FindEnd])[] = [
  ['index by index', byIndex],
  [
    'by indexOf in a part',
    ({ bytes, start, end }, from) => {
      const at = bytes.subarray(start + from, end).indexOf(LF);
      return at === -1 ? undefined : from + at;
    },
  ],
  [
    'by findIndex',
    ({ bytes, start, end }, from) =>
      found(bytes.subarray(start, end).findIndex((byte, at) => at >= from && byte === LF)),
  ],
  [
    'by iteration',
    ({ bytes, start, end }, from) => {
      let at = from;
      for (const byte of bytes.subarray(start + from, end)) {
        if (byte === LF) return at;
        at++;
      }
      return undefined;
    },
  ],
  [
    'in a copy',
    ({ bytes, start, end }, from) => {
      const at = bytes.slice(start + from, end).indexOf(LF);
      return at === -1 ? undefined : from + at;
    },
  ],
  [
    'in a copy made by set',
    ({ bytes, start, end }, from) => {
      const copy = new Uint8Array(end - start - from);
      copy.set(bytes.subarray(start + from, end));
      const at = copy.indexOf(LF);
      return at === -1 ? undefined : from + at;
    },
  ],
  [
    'in the text of the bytes',
    ({ bytes, start, end }, from) => {
      const at = utf8.decode(bytes.subarray(start + from, end)).indexOf('\n');
      return at === -1 ? undefined : from + at;
    },
  ],
];

function failureOf<Frame>(
  createDecoder: () => Decoder<Frame>,
  cases: readonly DecoderCase<Frame>[],
): DecoderVerificationError {
  try {
    verifyDecoder({ createDecoder, cases });
  } catch (error) {
    if (error instanceof DecoderVerificationError) return error;
    throw error;
  }
  throw new Error('the verifier let a slow decoder pass');
}

describe('a search that is not remembered is found out', () => {
  test.each(SEARCHES)('%s', (_, findEnd) => {
    const failure = failureOf(lineDecoder(findEnd, { remembers: false }), LINES);
    expect(failure.message).toMatch(
      /^verify decoder with case 'two lines' with its byte \d repeated, the first \d+ bytes, chunks of \[1, 1, /,
    );
    expect(failure.message).toContain('expected reads of the buffer to grow with what comes');
    const [, read, came] = /(\d+) bytes read while (\d+) came/.exec(failure.received) ?? [];
    expect(Number(read)).toBeGreaterThan(64 * Number(came));
    // No longer than it must be for the search to be told from a remembered one.
    expect(Number(came)).toBeLessThan(300);
    expect(failure.bytes).toHaveLength(Number(came));
    expect(failure.chunks).toEqual(Array.from(failure.bytes, () => 1));
    expect(failure.message).toContain('Remember how far a search has come');
  });
});

test('a search that runs into memory behind what came is found out', () => {
  const failure = failureOf(
    lineDecoder(({ bytes, start, end }, from) => {
      const at = bytes.indexOf(LF, start + from);
      return at === -1 || at >= end ? undefined : at - start;
    }),
    LINES,
  );
  expect(failure.message).toContain('stop it at buffer.end');
});

describe('a search that goes on where it stopped', () => {
  const honest = SEARCHES.filter(([name]) => /^by ind|iteration/.test(name));

  test.each(honest)('passes: %s', (_, findEnd) => {
    verifyDecoder({ createDecoder: lineDecoder(findEnd), cases: LINES });
  });

  const copying = SEARCHES.filter(([name]) => name.startsWith('in '));

  test.each(copying)(
    'is found out where it copies all that is unread for each line: %s',
    (_, findEnd) => {
      const failure = failureOf(lineDecoder(findEnd), LINES);
      expect(failure.message).toMatch(
        /with \d+ times case '.*', chunks of \[\d{5}\] bytes appended/,
      );
      expect(failure.message).toContain(`bytes read while ${failure.bytes.length} came`);
    },
  );

  test('passes where it copies and looks at a little at a time', () => {
    const findEnd: FindEnd = (buffer, from) => {
      const { bytes, start, end } = buffer;
      for (let at = start + from; at < end; at += 16) {
        const length = bytes.slice(at, Math.min(at + 16, end)).indexOf(LF);
        if (length !== -1) return at + length - start;
      }
      return undefined;
    };
    verifyDecoder({ createDecoder: lineDecoder(findEnd), cases: LINES });
  });
});

test('a frame that is moved away with all behind it is found out', () => {
  const createDecoder = lineDecoder(byIndex, {
    readLine: (buffer, length) => {
      const line = textOf(buffer, length);
      buffer.bytes.copyWithin(buffer.start, buffer.start + length + 1, buffer.end);
      buffer.bytes.copyWithin(buffer.start + length + 1, buffer.start, buffer.end);
      return line;
    },
  });
  expect(failureOf(createDecoder, LINES.slice(1)).message).toContain(
    "16384 times case 'an empty line'",
  );
});

/** On the wire: `|u32 length|sum of the content|content|`. */
class SummedDecoder implements Decoder<string> {
  readonly #sumOf: (buffer: ReceiveBuffer, length: number) => number | undefined;

  constructor(sumOf: (buffer: ReceiveBuffer, length: number) => number | undefined) {
    this.#sumOf = sumOf;
  }

  decode(buffer: ReceiveBuffer): string | NeedData {
    const { bytes, start } = buffer;
    if (buffer.length < 5) return NEED_DATA;
    // Read again in every call: five bytes, whatever the length of the frame.
    let length = 0;
    for (let at = 0; at < 4; at++) length = length * 256 + (bytes[start + at] ?? 0);
    if (length > 10_000) {
      throw new RemoteProtocolError('too-large', `read ${length} bytes`, { framing: 'lost' });
    }
    const sum = this.#sumOf(buffer, length);
    if (sum === undefined) return NEED_DATA;
    if (sum !== bytes[start + 4]) {
      throw new RemoteProtocolError('sum', `read sum ${sum}`, { framing: 'lost' });
    }
    buffer.consume(5);
    return utf8.decode(buffer.take(length));
  }

  end(buffer: ReceiveBuffer): void {
    if (buffer.length >= 4 && peek(buffer) > 10_000) {
      throw new RemoteProtocolError('too-large', 'read', { framing: 'lost' });
    }
    if (buffer.length > 0) throw new TruncatedFrameError('end inside a frame');
  }
}

function peek({ bytes, start }: ReceiveBuffer): number {
  return new DataView(bytes.buffer, bytes.byteOffset + start).getUint32(0);
}

function summed(text: string): Uint8Array {
  const content = ascii(text);
  const bytes = new Uint8Array(5 + content.length);
  new DataView(bytes.buffer).setUint32(0, content.length);
  bytes.set(content, 5);
  bytes[4] = content.reduce((sum, byte) => sum + byte, 0);
  return bytes;
}

function sumOf({ bytes, start, end }: ReceiveBuffer, length: number): number {
  let sum = 0;
  for (let at = start + 5; at < Math.min(end, start + 5 + length); at++) sum += bytes[at] ?? 0;
  return sum & 0xff;
}

describe('a header that is read again at each call', () => {
  const long = 'x'.repeat(2000);
  const cases = [
    { name: 'short', bytes: summed('hello'), frames: ['hello'] },
    { name: 'long', bytes: summed(long), frames: [long] },
  ];

  test('passes', () => {
    const once = new SummedDecoder((buffer, length) =>
      buffer.length < 5 + length ? undefined : sumOf(buffer, length),
    );
    verifyDecoder({ createDecoder: () => once, cases });
  });

  test('is found out where the content is, too', () => {
    const createDecoder = (): SummedDecoder =>
      new SummedDecoder((buffer, length) => {
        const sum = sumOf(buffer, length);
        return buffer.length < 5 + length ? undefined : sum;
      });
    expect(failureOf(createDecoder, cases).message).toMatch(
      /^verify decoder with case 'long', the first \d+ bytes, chunks of \[1, 1,/,
    );
  });
});

describe('what cannot be counted raises no alarm', () => {
  test('a decoder that needs a real array', () => {
    const findEnd: FindEnd = ({ bytes, start, end }) =>
      found(Uint8Array.prototype.indexOf.call(bytes.subarray(start, end), LF));
    verifyDecoder({ createDecoder: lineDecoder(findEnd, { remembers: false }), cases: LINES });
  });

  test('a decoder that takes the refusal of its reads for bad bytes', () => {
    const createDecoder = lineDecoder(({ bytes, start, end }) => {
      try {
        return found(Uint8Array.prototype.indexOf.call(bytes.subarray(start, end), LF));
      } catch (cause) {
        for (let at = 0; at < 300; at++) void bytes[start];
        throw new RemoteProtocolError('bad', 'read a line', { framing: 'intact', cause });
      }
    });
    verifyDecoder({ createDecoder, cases: LINES });
  });

  test('TextDecoder is what it was, also after a fault', () => {
    const { decode } = TextDecoder.prototype;
    failureOf(lineDecoder(byIndex, { remembers: false }), LINES);
    expect(TextDecoder.prototype.decode).toBe(decode);
  });
});

test('a decoder that catches what a read throws is found out all the same', () => {
  const createDecoder = lineDecoder(
    (buffer) => {
      try {
        return byIndex(buffer, 0);
      } catch {
        return undefined;
      }
    },
    { remembers: false },
  );
  expect(failureOf(createDecoder, LINES).message).toContain('it looks again');
});
