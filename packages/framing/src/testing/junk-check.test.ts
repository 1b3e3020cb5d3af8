import { describe, expect, test } from 'vitest';
import { NEED_DATA, type Decoder, type NeedData } from '../decoder.ts';
import { RemoteProtocolError, TruncatedFrameError } from '../errors.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';
import {
  DecoderVerificationError,
  verifyDecoder,
  type DecoderCase,
  type VerifyDecoderOptions,
} from './index.ts';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Where decoders of `|u8 length|content|` break, each for bytes that no case has. */
interface Flaw {
  /** Looks at each frame. */
  readonly onFrame?: (content: Uint8Array, buffer: ReceiveBuffer) => Uint8Array | undefined;
  /** Called before each try. */
  readonly onCall?: (buffer: ReceiveBuffer) => Uint8Array | NeedData | undefined;
}

class ByteLengthDecoder implements Decoder<Uint8Array> {
  readonly #flaw: Flaw;
  #failure: RemoteProtocolError | undefined;

  constructor(flaw: Flaw = {}) {
    this.#flaw = flaw;
  }

  decode(buffer: ReceiveBuffer): Uint8Array | NeedData {
    if (this.#failure !== undefined) throw this.#failure;
    const flawed = this.#flaw.onCall?.(buffer);
    if (flawed !== undefined) return flawed;
    const { bytes, start } = buffer;
    if (buffer.length === 0) return NEED_DATA;
    const length = bytes[start] ?? 0;
    if (length === 0xff) {
      this.#failure = new RemoteProtocolError('length', 'read 255', { framing: 'lost' });
      throw this.#failure;
    }
    if (buffer.length < 1 + length) return NEED_DATA;
    buffer.consume(1);
    const content = buffer.take(length);
    return this.#flaw.onFrame?.(content, buffer) ?? content;
  }

  end(buffer: ReceiveBuffer): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (buffer.length > 0) throw new TruncatedFrameError('end inside a frame');
  }
}

const CASES: readonly DecoderCase<Uint8Array>[] = [
  { name: 'one', bytes: ascii('\x03abc'), frames: [ascii('abc')] },
  { name: 'two', bytes: ascii('\x01x\x02yz'), frames: [ascii('x'), ascii('yz')] },
];

type Options = Partial<VerifyDecoderOptions<Uint8Array>>;

function failureOf(
  createDecoder: () => Decoder<Uint8Array>,
  options: Options = {},
): DecoderVerificationError {
  try {
    verifyDecoder({ createDecoder, cases: CASES, ...options });
  } catch (error) {
    if (error instanceof DecoderVerificationError) return error;
    throw error;
  }
  throw new Error('the verifier let a broken decoder pass');
}

test.each([1, 2, 3])('a right decoder passes, seed %i', (seed) => {
  verifyDecoder({ createDecoder: () => new ByteLengthDecoder(), cases: CASES, seed });
});

test('a decoder that takes anything for a frame passes', () => {
  const createDecoder = (): Decoder<Uint8Array> => ({
    decode: (buffer) => (buffer.length === 0 ? NEED_DATA : buffer.take(1)),
    end: () => undefined,
  });
  const cases = [{ name: 'bytes', bytes: ascii('ab'), frames: [ascii('a'), ascii('b')] }];
  verifyDecoder({ createDecoder, cases });
});

/** A flaw, and the smallest junk that shows it. */
interface Broken {
  readonly flaw: string;
  readonly createDecoder: () => Decoder<Uint8Array>;
  readonly smallest: RegExp;
  readonly received: RegExp;
}

const GALLERY: readonly Broken[] = [
  {
    flaw: 'throws what is no RemoteProtocolError',
    createDecoder: () =>
      new ByteLengthDecoder({
        onFrame: (content) => {
          if ((content[0] ?? 0) > 0x7f) throw new SyntaxError('not ASCII');
          return undefined;
        },
      }),
    smallest:
      /^verify decoder with junk <01 [89a-f][0-9a-f]>, chunks of \[2\] bytes appended, seed 1:/,
    received: /decode to throw SyntaxError: not ASCII/,
  },
  {
    flaw: 'throws in end',
    createDecoder: () =>
      Object.assign(new ByteLengthDecoder(), {
        end(buffer: ReceiveBuffer) {
          if (buffer.length > 0 && (buffer.bytes[buffer.start] ?? 0) > 0x20) throw new Error('oh');
          if (buffer.length > 0) throw new TruncatedFrameError('end inside a frame');
        },
      }),
    smallest: /junk <[2-9a-f][0-9a-f]>, chunks of \[1\] bytes/,
    received: /Error: oh/,
  },
  {
    flaw: 'removes bytes that are not there',
    createDecoder: () =>
      new ByteLengthDecoder({
        onCall: (buffer) => {
          if (buffer.bytes[buffer.start] === 0 && buffer.length > 0) buffer.start += 2;
          return undefined;
        },
      }),
    smallest: /junk <00>, chunks of \[1\] bytes/,
    received: /0 consumed and -1 unread/,
  },
  {
    flaw: 'never comes to an end',
    createDecoder: () =>
      new ByteLengthDecoder({
        onCall: (buffer) =>
          buffer.length > 0 && buffer.bytes[buffer.start] === 0 ? new Uint8Array(0) : undefined,
      }),
    smallest: /junk <00>, chunks of \[1\] bytes/,
    received: /19 results of 1 bytes, 1 of them unread/,
  },
  {
    flaw: 'does not return',
    createDecoder: () =>
      new ByteLengthDecoder({
        onCall: (buffer) => {
          while (buffer.bytes[buffer.start] === 0x80 && buffer.length < 300) continue;
          return undefined;
        },
      }),
    smallest: /junk <80>, chunks of \[1\] bytes/,
    received: /a loop/,
  },
  {
    flaw: 'gives views of some frames',
    createDecoder: () =>
      new ByteLengthDecoder({
        onFrame: (content, buffer) =>
          content.length === 1 && (content[0] ?? 0) > 0x7f
            ? buffer.bytes.subarray(buffer.start - 1, buffer.start)
            : undefined,
      }),
    smallest: /junk <(.. )*01 [89a-f][0-9a-f]( ..)*>/,
    received: /once the buffer was used again/,
  },
  {
    flaw: 'depends on how the bytes are cut',
    createDecoder: () =>
      new ByteLengthDecoder({
        onCall: (buffer) => {
          // Takes a lone length of 0x10 or more for a keep-alive.
          if (buffer.length === 1 && (buffer.bytes[buffer.start] ?? 0) >= 0x10) buffer.consume(1);
          return undefined;
        },
      }),
    smallest: /junk <(.. )+..>, chunks of \[1, \d+\] bytes|junk <..>, chunks of \[1\]/,
    received: /./,
  },
  {
    flaw: 'gives another error to other chunks',
    createDecoder: () => {
      let calls = 0;
      let failure: RemoteProtocolError | undefined;
      return Object.assign(new ByteLengthDecoder(), {
        decode(buffer: ReceiveBuffer): Uint8Array | NeedData {
          if (failure !== undefined) throw failure;
          calls++;
          if (buffer.length === 0) return NEED_DATA;
          const length = buffer.bytes[buffer.start] ?? 0;
          if (length >= 0x80) {
            const code = calls > 2 ? 'late' : 'soon';
            failure = new RemoteProtocolError(code, 'read', { framing: 'lost' });
            throw failure;
          }
          if (buffer.length < 1 + length) return NEED_DATA;
          buffer.consume(1);
          return buffer.take(length);
        },
        end(buffer: ReceiveBuffer) {
          if (failure !== undefined) throw failure;
          if (buffer.length > 0) throw new TruncatedFrameError('end inside a frame');
        },
      });
    },
    smallest:
      /junk <01 .. [89a-f].>, chunks of \[1, 2\] bytes|junk <00 [89a-f].>, chunks of \[1, 1\]/,
    received: /code 'late'/,
  },
  {
    flaw: 'goes on after the framing was lost',
    createDecoder: () => {
      const right = new ByteLengthDecoder();
      return Object.assign(new ByteLengthDecoder(), {
        decode(buffer: ReceiveBuffer): Uint8Array | NeedData {
          if (buffer.length > 1 && buffer.bytes[buffer.start] === 0xff) {
            buffer.consume(1);
            throw new RemoteProtocolError('length', 'read 255', { framing: 'lost' });
          }
          return buffer.bytes[buffer.start] === 0xff ? NEED_DATA : right.decode(buffer);
        },
      });
    },
    smallest: /junk <ff ..>, chunks of \[2\] bytes/,
    received: /decode to return/,
  },
];

describe('a decoder that', () => {
  test.each(GALLERY)('$flaw is found out', ({ createDecoder, smallest, received }) => {
    const failure = failureOf(createDecoder);
    expect(failure.message).toMatch(smallest);
    expect(failure.received).toMatch(received);
    expect(failure.caseName).toBe('junk');
  });

  test('reserves memory for what is announced is found out', () => {
    const createDecoder = (): Decoder<Uint8Array> & { held: number } => {
      const right = new ByteLengthDecoder();
      return {
        held: 0,
        decode(buffer) {
          if (buffer.length > 0) this.held = (buffer.bytes[buffer.start] ?? 0) * 512;
          return right.decode(buffer);
        },
        end: (buffer) => right.end(buffer),
      };
    };
    const failure = failureOf(createDecoder, {
      heldBytes: (decoder) =>
        'held' in decoder && typeof decoder.held === 'number' ? decoder.held : 0,
    });
    expect(failure.message).toMatch(/junk <[89a-f].>, chunks of \[1\] bytes/);
    expect(failure.received).toMatch(/by the decoder/);
  });

  test('was found out once is found out with the same junk again', () => {
    const createDecoder = GALLERY[0]?.createDecoder;
    if (createDecoder === undefined) throw new Error('the gallery is empty');
    const [first, second] = [5, 5].map((seed) => failureOf(createDecoder, { seed }).message);
    expect(first).toBe(second);
    expect(failureOf(createDecoder).bytes).toHaveLength(2);
  });
});
