import { describe, expect, test } from 'vitest';
import { NEED_DATA, type Decoder, type NeedData } from '../decoder.ts';
import { LocalProtocolError, RemoteProtocolError, TruncatedFrameError } from '../errors.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';
import {
  DecoderVerificationError,
  verifyDecoder,
  type DecoderCase,
  type VerifyDecoderOptions,
} from './index.ts';

/**
 * The decoder that all tests start from. On the wire: `|u16 length|content|`, where the length 0xffff
 * loses the framing and a content that starts with `!` is an error that leaves it intact.
 */
class PrefixDecoder implements Decoder<Uint8Array> {
  decode(buffer: ReceiveBuffer): Uint8Array | NeedData {
    const length = peekLength(buffer);
    if (length === undefined || buffer.length < 2 + length) return NEED_DATA;
    buffer.consume(2);
    return this.content(buffer.take(length));
  }

  end(buffer: ReceiveBuffer): void {
    if (buffer.length > 0) throw new TruncatedFrameError(`end with ${buffer.length} bytes unread`);
  }

  protected content(bytes: Uint8Array): Uint8Array {
    if (bytes[0] === 0x21) {
      throw new RemoteProtocolError('shouting', 'read content: starts with !', {
        framing: 'intact',
      });
    }
    return bytes;
  }
}

function peekLength({ bytes, start, end }: ReceiveBuffer): number | undefined {
  if (end - start < 2) return undefined;
  const length = ((bytes[start] ?? 0) << 8) | (bytes[start + 1] ?? 0);
  if (length === 0xffff) {
    throw new RemoteProtocolError('length-invalid', 'read length: 65535', { framing: 'lost' });
  }
  return length;
}

const ascii = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const frame = (text: string): string =>
  String.fromCharCode(text.length >> 8, text.length & 0xff) + text;

const LONG = 'x'.repeat(2000);
const SHOUTING = { code: 'shouting', framing: 'intact' } as const;
const LENGTH_INVALID = { code: 'length-invalid', framing: 'lost' } as const;

const CASES: readonly DecoderCase<Uint8Array>[] = [
  { name: 'nothing', bytes: ascii(''), frames: [] },
  { name: 'one frame', bytes: ascii(frame('hello')), frames: [ascii('hello')] },
  {
    name: 'three frames',
    bytes: ascii(frame('ab') + frame('') + frame('cde')),
    frames: [ascii('ab'), ascii(''), ascii('cde')],
  },
  { name: 'long frame', bytes: ascii(frame(LONG)), frames: [ascii(LONG)] },
  {
    name: 'trailing bytes',
    bytes: ascii(frame('ab')),
    frames: [ascii('ab')],
    trailing: ascii(frame('not yours')),
  },
  {
    name: 'intact error',
    bytes: ascii(frame('ab') + frame('!!') + frame('cd')),
    expected: [{ frame: ascii('ab') }, { error: SHOUTING }, { frame: ascii('cd') }],
  },
  {
    name: 'lost framing',
    bytes: ascii(`${frame('ab')}\xff\xff${frame('cd')}`),
    frames: [ascii('ab')],
    error: LENGTH_INVALID,
  },
  {
    name: 'cut off',
    bytes: ascii(`${frame('ab')}\x00\x05he`),
    frames: [ascii('ab')],
    error: { code: 'truncated', framing: 'lost' },
  },
];

type Options = Partial<VerifyDecoderOptions<Uint8Array>>;

function verify(createDecoder: () => Decoder<Uint8Array>, options: Options = {}): void {
  verifyDecoder({ createDecoder, cases: CASES, ...options });
}

function failureOf(
  createDecoder: () => Decoder<Uint8Array>,
  options: Options = {},
): DecoderVerificationError {
  try {
    verify(createDecoder, options);
  } catch (error) {
    if (error instanceof DecoderVerificationError) return error;
    throw error;
  }
  throw new Error('the verifier let a broken decoder pass');
}

describe('a decoder that keeps the contract', () => {
  test('passes', () => {
    verify(() => new PrefixDecoder());
  });

  test.each([2, 3, 4, 5])('passes with seed %i', (seed) => {
    verify(() => new PrefixDecoder(), { seed });
  });

  test('may keep parsed parts between calls', () => {
    class TwoStepDecoder extends PrefixDecoder {
      #length: number | undefined;

      override decode(buffer: ReceiveBuffer): Uint8Array | NeedData {
        if (this.#length === undefined) {
          this.#length = peekLength(buffer);
          if (this.#length === undefined) return NEED_DATA;
          buffer.consume(2);
        }
        if (buffer.length < this.#length) return NEED_DATA;
        const bytes = buffer.take(this.#length);
        this.#length = undefined;
        return this.content(bytes);
      }

      override end(buffer: ReceiveBuffer): void {
        if (this.#length !== undefined) throw new TruncatedFrameError('end inside the content');
        super.end(buffer);
      }
    }
    verify(() => new TwoStepDecoder());
  });

  test('may be given a stream too long to try every cut of', () => {
    const content = 'y'.repeat(60_000);
    const bytes = ascii(frame(content).repeat(20));
    const frames = Array.from({ length: 20 }, () => ascii(content));
    verify(() => new PrefixDecoder(), { cases: [{ name: 'a megabyte', bytes, frames }] });
  });

  test('may return frames of a class, compared by the caller', () => {
    class Secret {
      readonly #text: string;

      constructor(text: string) {
        this.#text = text;
      }

      equals(other: Secret): boolean {
        return this.#text === other.#text;
      }
    }
    const createDecoder = (): Decoder<Secret> => {
      const inner = new PrefixDecoder();
      return {
        decode(buffer) {
          const bytes = inner.decode(buffer);
          return bytes === NEED_DATA ? NEED_DATA : new Secret(String.fromCharCode(...bytes));
        },
        end: (buffer) => inner.end(buffer),
      };
    };
    const cases = [
      { name: 'secret', bytes: ascii(frame('hush')), frames: [new Secret('hush')] },
    ] as const;
    verifyDecoder({ createDecoder, cases, equals: (left, right) => left.equals(right) });
    expect(() => verifyDecoder({ createDecoder, cases })).toThrow(DecoderVerificationError);
  });
});

/** One way to break the contract, and what the verifier must say about it. */
interface Broken {
  readonly rule: string;
  readonly createDecoder: () => Decoder<Uint8Array>;
  readonly options?: Options;
  readonly says: readonly (string | RegExp)[];
}

/** A broken decoder that differs from the right one in `decode` alone. */
function decoding(decode: (buffer: ReceiveBuffer) => Uint8Array | NeedData): () => PrefixDecoder {
  return () => Object.assign(new PrefixDecoder(), { decode });
}

/** A broken decoder that keeps something from one call to the next. */
function decodingWithState<State>(
  createState: () => State,
  decode: (buffer: ReceiveBuffer, state: State, right: PrefixDecoder) => Uint8Array | NeedData,
): () => PrefixDecoder {
  return () => {
    const state = createState();
    const right = new PrefixDecoder();
    return Object.assign(new PrefixDecoder(), {
      decode: (buffer: ReceiveBuffer) => decode(buffer, state, right),
    });
  };
}

function viewOf(buffer: ReceiveBuffer): Uint8Array | NeedData {
  const length = peekLength(buffer);
  if (length === undefined || buffer.length < 2 + length) return NEED_DATA;
  const at = buffer.start + 2;
  const view = buffer.bytes.subarray(at, at + length);
  buffer.consume(2 + length);
  return view;
}

const GALLERY: readonly Broken[] = [
  {
    rule: 'returns a view of the buffer',
    createDecoder: decoding(viewOf),
    says: ["case 'one frame'", 'chunks of [7] bytes', 'to stay 5 bytes <68 65', 'holds a view'],
  },
  {
    rule: 'returns a view of the shared buffer only',
    createDecoder: decodingWithState(
      () => new PrefixDecoder(),
      (buffer, right) => (buffer.heldBytes === 0 ? viewOf(buffer) : right.decode(buffer)),
    ),
    says: ['received into a shared buffer, seed', 'to stay 5 bytes <68 65', 'take()'],
  },
  {
    rule: 'returns a view of the store that is received into in place',
    createDecoder: decodingWithState(
      () => new PrefixDecoder(),
      // Only such a store has 64 KiB of room: those of appended chunks are as long as the chunks.
      (buffer, right) => (buffer.heldBytes > 64 * 1024 ? viewOf(buffer) : right.decode(buffer)),
    ),
    says: ["case 'long frame'", 'received into a shared buffer of 16 bytes', 'to stay 2000 bytes'],
  },
  {
    rule: 'keeps unused bytes as a view until the next call',
    createDecoder: decodingWithState(
      (): { view: Uint8Array | undefined } => ({ view: undefined }),
      (buffer, state) => {
        const length = peekLength(buffer);
        if (length === undefined || buffer.length < 2 + length) {
          state.view = buffer.bytes.subarray(buffer.start, buffer.end);
          return NEED_DATA;
        }
        buffer.consume(2);
        const bytes = buffer.take(length);
        if (length > 0) bytes[0] = state.view?.[2] ?? bytes[0] ?? 0;
        state.view = undefined;
        return bytes;
      },
    ),
    says: [
      "case 'one frame', chunks of [3, 4] bytes received into a shared buffer,",
      'received the frame 5 bytes <97 65 6c 6c 6f>',
    ],
  },
  {
    rule: 'reuses one frame object',
    createDecoder: decodingWithState(
      () => new Uint8Array(2),
      (buffer, shared, right) => {
        const frame = right.decode(buffer);
        if (frame === NEED_DATA || frame.length !== 2) return frame;
        shared.set(frame);
        return shared;
      },
    ),
    says: ['frame 1 to stay 2 bytes <61 62>', 'received 2 bytes <63 64>'],
  },
  {
    rule: 'changes a frame when the next chunk comes',
    createDecoder: decodingWithState(
      (): { last: Uint8Array | undefined; waited: boolean } => ({ last: undefined, waited: false }),
      (buffer, state, right) => {
        if (state.waited) state.last?.fill(0);
        const frame = right.decode(buffer);
        state.waited = frame === NEED_DATA;
        if (frame !== NEED_DATA) state.last = frame;
        return frame;
      },
    ),
    says: ["case 'one frame'", 'frame 1 to stay 5 bytes <68', 'received 5 bytes <00 00 00 00 00>'],
  },
  {
    rule: 'consumes a byte of the next frame',
    createDecoder: decodingWithState(
      () => undefined,
      (buffer, _, right) => {
        const frame = right.decode(buffer);
        if (frame !== NEED_DATA && buffer.length > 0) buffer.consume(1);
        return frame;
      },
    ),
    says: ["case 'three frames'", 'expected result 3 of 3', '3 of them unread'],
  },
  {
    rule: 'consumes trailing bytes',
    createDecoder: decodingWithState(
      () => undefined,
      (buffer, _, right) => {
        const frame = right.decode(buffer);
        if (frame !== NEED_DATA) buffer.consume(buffer.length);
        return frame;
      },
    ),
    options: { cases: CASES.filter(({ name }) => name === 'trailing bytes') },
    says: ['expected 4 bytes consumed after the last result', 'received 15 bytes consumed'],
  },
  {
    rule: 'changes trailing bytes',
    createDecoder: decodingWithState(
      () => undefined,
      (buffer, _, right) => {
        const frame = right.decode(buffer);
        if (frame !== NEED_DATA && buffer.length > 0) buffer.bytes[buffer.start] = 0xee;
        return frame;
      },
    ),
    options: { cases: CASES.filter(({ name }) => name === 'trailing bytes') },
    says: ['the bytes behind the last frame to stay 11 bytes <00 09', 'received 11 bytes <ee 09'],
  },
  {
    rule: 'forgets the length between two chunks',
    createDecoder: decoding((buffer) => {
      const length = peekLength(buffer);
      if (length === undefined) return NEED_DATA;
      buffer.consume(2);
      return buffer.length < length
        ? NEED_DATA
        : new PrefixDecoder()['content'](buffer.take(length));
    }),
    says: ["case 'one frame'", 'chunks of [2, 5] bytes', 'expected result 1 of 1 to be the frame'],
  },
  {
    rule: 'takes a chunk for a frame',
    createDecoder: decoding((buffer) => {
      if (peekLength(buffer) === undefined) return NEED_DATA;
      const length = Math.min(peekLength(buffer) ?? 0, buffer.length - 2);
      buffer.consume(2);
      return new PrefixDecoder()['content'](buffer.take(length));
    }),
    says: ["case 'one frame'", 'chunks of [2, 5] bytes', 'received the frame 0 bytes <>'],
  },
  {
    rule: 'breaks only when a frame comes in three chunks',
    createDecoder: decodingWithState(
      () => ({ waits: 0 }),
      (buffer, state, right) => {
        const frame = right.decode(buffer);
        if (frame === NEED_DATA) {
          state.waits += buffer.length > 0 ? 1 : 0;
          return frame;
        }
        const { waits } = state;
        state.waits = 0;
        return waits === 2 ? frame.subarray(1) : frame;
      },
    ),
    says: ["case 'one frame'", /chunks of \[\d, \d, \d\] bytes/, 'seed 1'],
  },
  {
    rule: 'loses the second message of a chunk',
    createDecoder: decodingWithState(
      () => undefined,
      (buffer, _, right) => {
        const frame = right.decode(buffer);
        buffer.consume(frame === NEED_DATA ? 0 : buffer.length);
        return frame;
      },
    ),
    says: ['expected result 2 of 3', 'NEED_DATA with all 11 bytes delivered and 0 of them unread'],
  },
  {
    rule: 'end() never complains',
    createDecoder: () => Object.assign(new PrefixDecoder(), { end: () => undefined }),
    says: ["case 'one frame' cut off after 1 of 7 bytes", 'TruncatedFrameError', 'end to return'],
  },
  {
    rule: 'end() complains at a boundary',
    createDecoder: () =>
      Object.assign(new PrefixDecoder(), {
        end: () => {
          throw new TruncatedFrameError('end of stream');
        },
      }),
    says: ["case 'nothing'", 'expected end to return', "code 'truncated'"],
  },
  {
    rule: 'end() throws another error inside a frame',
    createDecoder: () =>
      Object.assign(new PrefixDecoder(), {
        end: (buffer: ReceiveBuffer) => {
          if (buffer.length > 0) throw new LocalProtocolError('truncated', 'cut');
        },
      }),
    says: ['TruncatedFrameError', 'received LocalProtocolError: cut'],
  },
  {
    rule: 'reserves memory on the word of a header',
    createDecoder: () => {
      const right = new PrefixDecoder();
      let reserved = 0;
      return {
        decode(buffer) {
          const length = buffer.length < 2 ? undefined : peekLength(buffer);
          reserved = length === undefined ? 0 : length * 100;
          return right.decode(buffer);
        },
        end: (buffer) => right.end(buffer),
        get reserved() {
          return reserved;
        },
      };
    },
    options: {
      heldBytes: (decoder) =>
        'reserved' in decoder && typeof decoder.reserved === 'number' ? decoder.reserved : 0,
    },
    says: ["case 'long frame'", 'at most', '200000 by the decoder', 'Reserve nothing'],
  },
  {
    rule: 'gives the buffer a store of its own',
    createDecoder: decodingWithState(
      () => undefined,
      (buffer, _, right) => {
        if (buffer.length > 0 && buffer.bytes.length < 1_000_000) {
          const store = new Uint8Array(1_000_000);
          store.set(buffer.bytes.subarray(buffer.start, buffer.end));
          buffer.end = buffer.length;
          buffer.start = 0;
          buffer.bytes = store;
        }
        return right.decode(buffer);
      },
    ),
    says: ['at most', '1000000 bytes held by the buffer'],
  },
  {
    rule: 'returns a frame without consuming it',
    createDecoder: decoding((buffer) => {
      const length = peekLength(buffer);
      if (length === undefined || buffer.length < 2 + length) return NEED_DATA;
      return buffer.bytes.slice(buffer.start + 2, buffer.start + 2 + length);
    }),
    says: ["case 'one frame'", 'expected NEED_DATA after 1 results', 'consumed nothing'],
  },
  {
    rule: 'raises an intact error without removing the frame',
    createDecoder: decoding((buffer) => {
      const length = peekLength(buffer);
      if (length === undefined || buffer.length < 2 + length) return NEED_DATA;
      if (buffer.bytes[buffer.start + 2] === 0x21 && length > 0) {
        throw new RemoteProtocolError('shouting', 'read content: starts with !', {
          framing: 'intact',
        });
      }
      buffer.consume(2);
      return buffer.take(length);
    }),
    says: ["case 'intact error'", 'expected result 3 of 3 to be the frame', "code 'shouting'"],
  },
  {
    rule: 'moves the window by hand',
    createDecoder: decoding((buffer) => {
      const length = peekLength(buffer);
      if (length === undefined || buffer.length < 2 + length) return NEED_DATA;
      buffer.start += 2 + length;
      return buffer.bytes.slice(buffer.start - length, buffer.start);
    }),
    says: ['0 consumed and 0 unread', 'consume() or take()'],
  },
  {
    rule: 'loops until more bytes come',
    createDecoder: decoding((buffer) => {
      while (buffer.length < 2) continue;
      return new PrefixDecoder().decode(buffer);
    }),
    says: ["case 'half a length'", 'a loop', 'Return NEED_DATA'],
    options: { cases: [{ name: 'half a length', bytes: ascii('\x00'), frames: [] }] },
  },
  {
    rule: 'returns null for more bytes',
    // What a decoder in plain JavaScript would do.
    createDecoder: decoding((buffer) => {
      const frame = new PrefixDecoder().decode(buffer);
      return frame === NEED_DATA ? (null as unknown as NeedData) : frame;
    }),
    says: ['received the frame null', 'return NEED_DATA'],
  },
  {
    rule: 'throws a plain Error for bad bytes',
    createDecoder: decoding((buffer) => {
      if (buffer.bytes[buffer.start] === 0xff && buffer.length > 0) throw new Error('bad length');
      return new PrefixDecoder().decode(buffer);
    }),
    says: ["case 'lost framing'", 'RemoteProtocolError', 'Error: bad length', 'is a bug'],
  },
  {
    rule: 'reads past what is unread',
    createDecoder: decoding((buffer) => {
      if (buffer.length === 0) return NEED_DATA;
      buffer.consume(2);
      return buffer.take(buffer.length);
    }),
    options: { cases: CASES.slice(1, 2) },
    says: ['chunks of [1, 6] bytes', 'RangeError: consume 2 bytes: only 1 are unread'],
  },
  {
    rule: 'goes on after the framing is lost',
    createDecoder: decoding((buffer) => {
      if (buffer.length >= 2 && buffer.bytes[buffer.start] === 0xff) buffer.consume(2);
      return new PrefixDecoder().decode(buffer);
    }),
    says: ["case 'lost framing'", "code 'length-invalid'", 'received the frame 2 bytes <63 64>'],
  },
  {
    rule: 'says intact where the framing is lost',
    createDecoder: decoding((buffer) => {
      try {
        return new PrefixDecoder().decode(buffer);
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        throw new RemoteProtocolError(error.code, error.message, { framing: 'intact' });
      }
    }),
    says: ["case 'lost framing'", "framing 'lost'", "framing 'intact'"],
  },
  {
    rule: 'gives the error another code',
    createDecoder: decoding((buffer) => {
      try {
        return new PrefixDecoder().decode(buffer);
      } catch (error) {
        if (!(error instanceof RemoteProtocolError)) throw error;
        throw new RemoteProtocolError('oops', error.message, { framing: error.framing });
      }
    }),
    says: ["case 'intact error'", "code 'shouting'", "code 'oops'"],
  },
  {
    rule: 'carries state from one frame to the next',
    createDecoder: decodingWithState(
      () => ({ frames: 0 }),
      (buffer, state, right) => {
        const frame = right.decode(buffer);
        if (frame !== NEED_DATA && ++state.frames > 4) return ascii('fifth');
        return frame;
      },
    ),
    says: ["back to back case 'nothing', case 'one frame'", 'result 5 of'],
  },
];

describe('a decoder that', () => {
  test.each(GALLERY)('$rule is found out', ({ createDecoder, options, says }) => {
    const failure = failureOf(createDecoder, options);
    for (const text of says) expect(failure.message).toMatch(text);
  });

  test('was found out says so in properties too', () => {
    const failure = failureOf(decoding((buffer) => (buffer.length > 4 ? NEED_DATA : NEED_DATA)));
    expect(failure).toMatchObject({ name: 'DecoderVerificationError', caseName: 'one frame' });
    expect(failure.chunks).toEqual([7]);
    expect(failure.seed).toBe(1);
    expect(failure.message).toBe(
      "verify decoder with case 'one frame', chunks of [7] bytes appended, seed 1:\n" +
        '  expected result 1 of 1 to be the frame 5 bytes <68 65 6c 6c 6f>\n' +
        '  received NEED_DATA with all 7 bytes delivered and 7 of them unread',
    );
  });

  test('breaks byte by byte in a long stream is shown with few chunks', () => {
    const breaksAfterManyCalls = decodingWithState(
      () => ({ calls: 0 }),
      (buffer, state, right) => {
        state.calls++;
        const frame = right.decode(buffer);
        return frame !== NEED_DATA && state.calls > 50 ? ascii('?') : frame;
      },
    );
    const failure = failureOf(breaksAfterManyCalls, { cases: CASES.slice(3, 4) });
    expect(failure.chunks).toHaveLength(51);
    expect(failure.message).toContain('... 39 more] bytes');
  });

  test('fails at random cuts fails with the same chunks for the same seed', () => {
    const createDecoder = GALLERY.find(({ rule }) => rule.includes('three chunks'))?.createDecoder;
    if (createDecoder === undefined) throw new Error('the gallery has lost a picture');
    const [first, second] = [9, 9].map((seed) => failureOf(createDecoder, { seed }).message);
    expect(first).toBe(second);
  });
});

describe('the verifier refuses', () => {
  const createDecoder = (): Decoder<Uint8Array> => new PrefixDecoder();

  test('no cases at all', () => {
    expect(() => verify(createDecoder, { cases: [] })).toThrow('0 cases, pass at least one');
  });

  test('results after the framing is lost', () => {
    const expected = [{ error: LENGTH_INVALID }, { frame: ascii('') }];
    expect(() =>
      verify(createDecoder, { cases: [{ name: 'beyond', bytes: ascii('\xff\xff'), expected }] }),
    ).toThrow("read case 'beyond': result 1 loses the framing");
  });

  test('trailing bytes after the framing is lost', () => {
    const lost = { name: 'lost', bytes: ascii('\xff\xff'), frames: [], error: LENGTH_INVALID };
    const trailing = ascii('x');
    expect(() => verify(createDecoder, { cases: [{ ...lost, trailing }] })).toThrow(
      'leave out trailing',
    );
  });
});
