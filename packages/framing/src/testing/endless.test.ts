import { describe, expect, test } from 'vitest';
import { NEED_DATA, type Decoder, type NeedData } from '../decoder.ts';
import { RemoteProtocolError, TruncatedFrameError } from '../errors.ts';
import type { ReceiveBuffer } from '../receive-buffer.ts';
import { DecoderVerificationError, verifyDecoder, type DecoderCase } from './index.ts';

const LF = 0x0a;
const LIMIT = 1000;
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

const CASES: readonly DecoderCase<Uint8Array>[] = [
  { name: 'lines', bytes: ascii('a\nbc\n'), frames: [ascii('a'), ascii('bc')] },
];

/** Lines of at most {@link LIMIT} bytes, in which `onOverlong` says what becomes of longer ones. */
class LimitedDecoder implements Decoder<Uint8Array> {
  readonly #onOverlong: (buffer: ReceiveBuffer) => void;
  #searched = 0;

  constructor(onOverlong: (buffer: ReceiveBuffer) => void) {
    this.#onOverlong = onOverlong;
  }

  decode(buffer: ReceiveBuffer): Uint8Array | NeedData {
    const { bytes, start, end } = buffer;
    const index = bytes.subarray(start + this.#searched, end).indexOf(LF);
    const length = index === -1 ? end - start : this.#searched + index;
    if (length > LIMIT) {
      this.#onOverlong(buffer);
      this.#searched = buffer.length;
      return NEED_DATA;
    }
    this.#searched = index === -1 ? length : 0;
    if (index === -1) return NEED_DATA;
    const line = buffer.take(length);
    buffer.consume(1);
    return line;
  }

  end(buffer: ReceiveBuffer): void {
    if (buffer.length > 0) throw new TruncatedFrameError('end inside a line');
  }
}

const refuse = (): never => {
  throw new RemoteProtocolError('too-large', 'read a line', { framing: 'lost' });
};

function verify(onOverlong: (buffer: ReceiveBuffer) => void, maxFrameLength = LIMIT): void {
  let refused = false;
  verifyDecoder({
    createDecoder: () => {
      refused = false;
      const decoder = new LimitedDecoder((buffer) => {
        refused = true;
        onOverlong(buffer);
      });
      return Object.assign(decoder, {
        end(buffer: ReceiveBuffer) {
          if (refused) refuse();
          if (buffer.length > 0) throw new TruncatedFrameError('end inside a line');
        },
      });
    },
    cases: CASES,
    maxFrameLength,
  });
}

describe('endless input', () => {
  test('may be refused', () => {
    verify(refuse);
  });

  test('may be dropped as it comes', () => {
    verify((buffer) => buffer.consume(buffer.length));
  });

  test('may give frames', () => {
    const createDecoder = (): Decoder<Uint8Array> => ({
      decode: (buffer) => (buffer.length === 0 ? NEED_DATA : buffer.take(1)),
      end: () => undefined,
    });
    const frames = Array.from(ascii('a\nbc\n'), (byte) => Uint8Array.of(byte));
    const cases = [{ name: 'bytes', bytes: ascii('a\nbc\n'), frames }];
    verifyDecoder({ createDecoder, cases, maxFrameLength: LIMIT });
  });

  test('that is kept is found out, with the shortest beginning', () => {
    expect(() => verify(() => undefined)).toThrow(
      /^verify decoder with <> and then zeros without end, chunks of \[\] bytes and then of 4096 appended, seed 1:\n {2}expected at most 67536 bytes of memory: twice maxFrameLength, and maxMemory\n {2}received \d+ bytes held by the buffer and 0 by the decoder after \d+ bytes came/,
    );
  });

  test('is looked at for as long as the limit allows', () => {
    const many = 200_000;
    const keepUntil = (length: number) => (buffer: ReceiveBuffer) => {
      if (buffer.length > length) refuse();
    };
    verify(keepUntil(many), many);
    expect(() => verify(keepUntil(3 * many), many)).toThrow(DecoderVerificationError);
  });

  test('is not tried where no limit is told', () => {
    verifyDecoder({ createDecoder: () => new LimitedDecoder(() => undefined), cases: CASES });
  });

  test('that follows the beginning of a case is found out, and shown with what is needed of it', () => {
    let kept = false;
    const createDecoder = (): Decoder<Uint8Array> => {
      kept = false;
      let bad = false;
      const inner = new LimitedDecoder((buffer) => {
        if (kept || bad) return;
        // A line that begins with b is never given up.
        kept = buffer.bytes[buffer.start] === 0x62;
        if (kept) return;
        bad = true;
        refuse();
      });
      return {
        decode(buffer) {
          if (bad) refuse();
          return inner.decode(buffer);
        },
        end(buffer) {
          if (bad) refuse();
          inner.end(buffer);
        },
      };
    };
    expect(() => verifyDecoder({ createDecoder, cases: CASES, maxFrameLength: LIMIT })).toThrow(
      /with <62> and then (zeros|bytes ff|digits 1) without end, chunks of \[1\] bytes/,
    );
  });

  test('that is kept by the decoder is found out', () => {
    const createDecoder = (): Decoder<Uint8Array> & { kept: number } => ({
      kept: 0,
      decode(buffer) {
        const { bytes, start, end } = buffer;
        const index = bytes.subarray(start, end).indexOf(LF);
        if (this.kept === 0 && index !== -1) {
          const line = buffer.take(index);
          buffer.consume(1);
          return line;
        }
        if (end - start > LIMIT || this.kept > 0) {
          this.kept += end - start;
          buffer.consume(end - start);
        }
        return NEED_DATA;
      },
      end(buffer) {
        if (buffer.length + this.kept > 0) throw new TruncatedFrameError('end inside a line');
      },
    });
    const cases = [{ name: 'a line', bytes: ascii('\n'), frames: [ascii('')] }];
    const heldBytes = (decoder: Decoder<Uint8Array>): number =>
      'kept' in decoder && typeof decoder.kept === 'number' ? decoder.kept : 0;
    expect(() => verifyDecoder({ createDecoder, cases, heldBytes, maxFrameLength: LIMIT })).toThrow(
      /received 4096 bytes held by the buffer and \d{5} by the decoder/,
    );
  });
});
