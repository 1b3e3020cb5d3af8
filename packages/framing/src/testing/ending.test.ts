import { describe, expect, test } from 'vitest';
import { NEED_DATA, type Decoder, type FrameDecoder, type NeedData } from '../decoder.ts';
import { RemoteProtocolError, TruncatedFrameError } from '../errors.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';
import { DecoderVerificationError, verifyDecoder, type DecoderCase } from './index.ts';

const LF = 0x0a;
const MAX_LENGTH = 8;
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What this decoder of lines does with the end of the stream and with a line of more than 8 bytes. */
interface LineOptions {
  readonly unterminated?: 'fail' | 'frame';
  readonly overlong?: 'fail' | 'skip' | 'close';
}

class LineDecoder implements FrameDecoder<string> {
  protected readonly options: LineOptions;
  protected isClosed = false;
  protected failure: RemoteProtocolError | undefined;
  protected ended = false;
  #searched = 0;
  #skipping = false;

  constructor(options: LineOptions = {}) {
    this.options = options;
  }

  get closed(): boolean {
    return this.isClosed;
  }

  decode(buffer: ReceiveBuffer): string | NeedData {
    if (this.failure !== undefined) throw this.failure;
    if (this.isClosed) {
      buffer.consume(buffer.length);
      return NEED_DATA;
    }
    const { bytes, start, end } = buffer;
    const index = bytes.subarray(start + this.#searched, end).indexOf(LF);
    const found = index !== -1;
    const length = found ? this.#searched + index : end - start;
    if (length > MAX_LENGTH || this.#skipping) return this.#overlong(buffer, { length, found });
    if (!found) {
      this.#searched = length;
      return this.ended ? this.last(buffer) : NEED_DATA;
    }
    this.#searched = 0;
    const line = textOf(buffer.take(length));
    buffer.consume(1);
    return line;
  }

  end(buffer: ReceiveBuffer): void {
    if (this.failure !== undefined) throw this.failure;
    if (this.isClosed) return;
    const inside = buffer.length > 0 && this.options.unterminated !== 'frame';
    if (inside || this.#skipping) throw new TruncatedFrameError('end inside a line');
    this.ended = true;
  }

  protected last(buffer: ReceiveBuffer): string | NeedData {
    return buffer.length === 0 ? NEED_DATA : textOf(buffer.take(buffer.length));
  }

  #overlong(
    buffer: ReceiveBuffer,
    { length, found }: { readonly length: number; readonly found: boolean },
  ): NeedData {
    const { overlong = 'fail' } = this.options;
    const skips = overlong === 'skip';
    const error = new RemoteProtocolError('frame-too-large', `read a line of ${length} bytes`, {
      framing: skips ? 'intact' : 'lost',
    });
    this.#searched = 0;
    if (overlong === 'close') {
      this.isClosed = true;
      buffer.consume(buffer.length);
      return NEED_DATA;
    }
    if (!skips) {
      this.failure = error;
      throw error;
    }
    buffer.consume(found ? length + 1 : length);
    this.#skipping = !found;
    if (found) throw error;
    return NEED_DATA;
  }
}

function textOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

function verify(createDecoder: () => Decoder<string>, cases: readonly DecoderCase<string>[]): void {
  verifyDecoder({ createDecoder, cases });
}

function failureOf(
  createDecoder: () => Decoder<string>,
  cases: readonly DecoderCase<string>[],
): DecoderVerificationError {
  try {
    verify(createDecoder, cases);
  } catch (error) {
    if (error instanceof DecoderVerificationError) return error;
    throw error;
  }
  throw new Error('the verifier let a broken decoder pass');
}

/** A right decoder with some of its methods replaced. */
function broken(
  options: LineOptions,
  change: (decoder: LineDecoder) => Partial<FrameDecoder<string>>,
): () => Decoder<string> {
  return () => {
    const right = new LineDecoder(options);
    return {
      decode: (buffer) => right.decode(buffer),
      end: (buffer) => right.end(buffer),
      get closed() {
        return right.closed;
      },
      ...change(right),
    };
  };
}

const TWO_LINES = { name: 'two lines', bytes: ascii('ab\nc\n'), frames: ['ab', 'c'] };
const LONG_LINE = ascii('ab\n123456789\ncd\n');
const TOO_LARGE = { code: 'frame-too-large' } as const;

describe('a frame that only the end completes', () => {
  const frames = ['ab', 'cde'];
  const late = { name: 'late', bytes: ascii('ab\ncde'), frames, lastFrameEndsWithStream: true };
  const options = { unterminated: 'frame' } as const;

  test('passes', () => {
    verify(() => new LineDecoder(options), [late]);
    verify(() => new LineDecoder(options), [TWO_LINES, late]);
  });

  test('passes where it is all that came, or nothing', () => {
    const all = (): Decoder<string> => {
      let ended = false;
      return {
        decode(buffer) {
          if (!ended) return NEED_DATA;
          ended = false;
          return textOf(buffer.take(buffer.length));
        },
        end() {
          ended = true;
        },
      };
    };
    verify(all, [
      { name: 'some', bytes: ascii('some'), frames: ['some'], lastFrameEndsWithStream: true },
      { name: 'none', bytes: ascii(''), frames: [''], lastFrameEndsWithStream: true },
    ]);
  });

  test('is a fault where no case says so', () => {
    const failure = failureOf(() => new LineDecoder(options), [TWO_LINES]);
    expect(failure.message).toContain('cut off after 1 of 5 bytes');
    expect(failure.received).toBe('end to return');
    const { lastFrameEndsWithStream: _, ...other } = late;
    expect(failureOf(() => new LineDecoder(options), [other]).expected).toContain('result 2 of 2');
  });

  test('is a fault before the end', () => {
    const early = broken(options, (right) => ({
      decode(buffer) {
        const frame = right.decode(buffer);
        if (frame !== NEED_DATA || buffer.length < 3) return frame;
        return textOf(buffer.take(3));
      },
    }));
    const failure = failureOf(early, [late]);
    expect(failure.expected).toBe('1 results before end, and 1 after it');
    expect(failure.received).toBe('2 before end');
    expect(failure.chunks).toEqual([6]);
  });

  test('must come', () => {
    const never = broken({ unterminated: 'frame' }, () => ({ end: () => undefined }));
    const failure = failureOf(never, [late]);
    expect(failure.expected).toContain('result 2 of 2 to be the frame "cde"');
    expect(failure.received).toBe('NEED_DATA with all 6 bytes delivered and 3 of them unread');
  });

  test('must come when the stream is cut off, too', () => {
    const failure = failureOf(
      broken(options, (right) => ({
        end(buffer) {
          right.end(buffer);
          if (buffer.length === 2) throw new TruncatedFrameError('end after 2 bytes');
        },
      })),
      [late],
    );
    expect(failure.message).toContain('cut off after 5 of 6 bytes');
    expect(failure.expected).toBe('end to return: the end completes the frame');
  });

  test('comes once', () => {
    const failure = failureOf(
      broken(options, (right) => ({
        end(buffer) {
          right.end(buffer);
          const frames = ['once', 'again'];
          if (buffer.length === 2) right.decode = () => frames.shift() ?? NEED_DATA;
        },
      })),
      [late],
    );
    expect(failure.message).toContain('cut off after 2 of 6 bytes');
    expect(failure.received).toBe('a second result after end');
    const twice = failureOf(
      broken(options, (right) => ({
        end(buffer) {
          right.end(buffer);
          right.decode = () => 'cde';
        },
      })),
      [late],
    );
    expect(twice.expected).toBe('NEED_DATA after 2 results');
  });

  test('is no view', () => {
    const createDecoder = (): Decoder<Uint8Array> => {
      let ended = false;
      return {
        decode(buffer) {
          if (!ended) return NEED_DATA;
          ended = false;
          const view = buffer.bytes.subarray(buffer.start, buffer.end);
          buffer.consume(buffer.length);
          return view;
        },
        end() {
          ended = true;
        },
      };
    };
    const bytes = ascii('cde');
    const lastFrameEndsWithStream = true;
    const cases = [{ name: 'late', bytes, frames: [bytes], lastFrameEndsWithStream }];
    expect(() => verifyDecoder({ createDecoder, cases })).toThrow('frame 1 to stay');
  });
});

describe('a frame that is skipped', () => {
  const expected = [
    { frame: 'ab' },
    { error: { ...TOO_LARGE, framing: 'intact' } },
    { frame: 'cd' },
  ] as const;
  const cases = [{ name: 'skipped', bytes: LONG_LINE, expected }, TWO_LINES];

  test('raises one error and leaves the rest to come', () => {
    verify(() => new LineDecoder({ overlong: 'skip' }), cases);
  });

  test('is a fault where its error comes twice', () => {
    const failure = failureOf(
      broken({ overlong: 'skip' }, (right) => {
        let pending: RemoteProtocolError | undefined;
        return {
          decode(buffer) {
            if (pending !== undefined) {
              const error = pending;
              pending = undefined;
              throw error;
            }
            try {
              return right.decode(buffer);
            } catch (error) {
              if (error instanceof RemoteProtocolError) pending = error;
              throw error;
            }
          },
        };
      }),
      cases,
    );
    expect(failure.expected).toBe('result 3 of 3 to be the frame "cd"');
  });
});

describe('a decoder that goes quiet', () => {
  const quiet = { name: 'quiet', bytes: LONG_LINE, frames: ['ab'], closes: true };
  const close = { overlong: 'close' } as const;

  test('passes', () => {
    verify(() => new LineDecoder(close), [quiet]);
    verify(() => new LineDecoder(close), [quiet, TWO_LINES]);
  });

  test('is a fault where no case says so', () => {
    const { closes: _, ...other } = quiet;
    const failure = failureOf(() => new LineDecoder(close), [other]);
    expect(failure.expected).toBe('the decoder to be open after 1 results');
    expect(failure.message).toContain('closes: true');
  });

  test('must say that it is closed', () => {
    const failure = failureOf(
      broken(close, () => ({ closed: false })),
      [quiet],
    );
    expect(failure.expected).toBe('the decoder to be closed after 1 results');
    expect(failure.received).toBe('closed to be false');
  });

  test('must consume what comes', () => {
    const failure = failureOf(
      broken(close, (right) => ({
        decode: (buffer) => (right.closed ? NEED_DATA : right.decode(buffer)),
      })),
      [quiet],
    );
    expect(failure.expected).toBe('a closed decoder to consume all that comes');
    expect(failure.received).toBe('4 bytes unread');
    expect(failure.chunks).toEqual([LONG_LINE.length]);
  });

  test('gives nothing', () => {
    const failure = failureOf(
      broken(close, (right) => ({
        decode: (buffer) => {
          if (!right.closed || buffer.length === 0) return right.decode(buffer);
          return textOf(buffer.take(buffer.length));
        },
      })),
      [quiet],
    );
    expect(failure.expected).toBe('NEED_DATA after 1 results');
  });

  test('takes the end', () => {
    const failure = failureOf(
      broken(close, (right) => ({
        end(buffer) {
          if (right.closed) throw new TruncatedFrameError('end of a closed stream');
          right.end(buffer);
        },
      })),
      [quiet],
    );
    expect(failure.received).toContain('end of a closed stream');
  });
});

describe('after an error that lost the framing', () => {
  const cases = [
    { name: 'lost', bytes: LONG_LINE, frames: ['ab'], error: { ...TOO_LARGE, framing: 'lost' } },
  ] as const;
  const afterFailure = (
    change: (decoder: LineDecoder, failed: () => boolean) => Partial<FrameDecoder<string>>,
  ): DecoderVerificationError => {
    return failureOf(
      broken({}, (right) => {
        let failed = false;
        const decode = right.decode.bind(right);
        right.decode = (buffer) => {
          try {
            return decode(buffer);
          } catch (error) {
            failed = true;
            throw error;
          }
        };
        return change(right, () => failed);
      }),
      cases,
    );
  };

  test('every call throws', () => {
    verify(() => new LineDecoder(), cases);
  });

  test('decode that returns is found out', () => {
    const failure = afterFailure((right, failed) => ({
      decode: (buffer) => (failed() ? NEED_DATA : right.decode(buffer)),
    }));
    expect(failure.expected).toBe(
      'decode to throw a RemoteProtocolError again: the framing is lost',
    );
    expect(failure.received).toBe('decode to return NEED_DATA');
  });

  test('decode that goes on with what comes then is found out', () => {
    const failure = afterFailure((right, failed) => {
      let calls = 0;
      return {
        decode: (buffer) => (failed() && ++calls > 1 ? 'cd' : right.decode(buffer)),
      };
    });
    expect(failure.received).toBe('decode to return the frame "cd"');
  });

  test('end that returns is found out', () => {
    const failure = afterFailure((right, failed) => ({
      end: (buffer) => (failed() ? undefined : right.end(buffer)),
    }));
    expect(failure.received).toBe('end to return');
  });
});

describe('the verifier refuses', () => {
  const bytes = ascii('a');
  const error = { ...TOO_LARGE, framing: 'lost' } as const;

  test.each([
    [{ closes: true, error }, 'it loses the framing, so leave out closes'],
    [{ closes: true, trailing: bytes }, 'it has closes, so leave out trailing'],
    [
      { closes: true, lastFrameEndsWithStream: true },
      'it has closes, so leave out lastFrameEndsWithStream',
    ],
    [
      { lastFrameEndsWithStream: true, trailing: bytes },
      'it has lastFrameEndsWithStream, so leave out trailing',
    ],
    [{ lastFrameEndsWithStream: true, frames: [] }, 'so let its last result be a frame'],
  ])('%j', (parts, message) => {
    const cases = [{ name: 'odd', bytes, frames: ['a'], ...parts }];
    expect(() => verify(() => new LineDecoder(), cases)).toThrow(`read case 'odd': `);
    expect(() => verify(() => new LineDecoder(), cases)).toThrow(message);
  });
});
