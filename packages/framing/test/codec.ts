/**
 * Codec: one table of cases that drives both directions of a framing, and what tests of framings ask for besides.
 */
import {
  LocalProtocolError,
  NEED_DATA,
  ReceiveBuffer,
  RemoteProtocolError,
  SendBuffer,
  type Decoder,
  type Framing,
  type Piece,
} from '@wireline/framing';
import { verifyDecoder, type DecoderCase } from '@wireline/framing/testing';
import { expect } from 'vitest';

/** A case of the verifier. The encoder has to write it, too, unless it says otherwise or there is an error in it. */
export type CodecCase<Frame> = DecoderCase<Frame> & {
  /** The encoder writes the same frames in another way, or refuses them. */
  readonly readOnly?: boolean;
};

/** What came out of a stream: a frame, or what an error was about. */
export type Outcome<Frame> =
  | { readonly frame: Frame }
  | { readonly code: string; readonly framing: string; readonly offset: number | undefined };

const utf8 = new TextEncoder();

/** No stream has so many: a decoder that goes round for ever is to fail, not to hang. */
const MOST_RESULTS = 100_000;

/** Bytes of numbers and texts. */
export function raw(...parts: readonly (number | string | Uint8Array)[]): Uint8Array {
  const all = parts.map((part) => {
    if (typeof part === 'number') return Uint8Array.of(part);
    return typeof part === 'string' ? utf8.encode(part) : part;
  });
  const whole = new Uint8Array(all.reduce((length, each) => length + each.length, 0));
  let at = 0;
  for (const each of all) {
    whole.set(each, at);
    at += each.length;
  }
  return whole;
}

/** Bytes that differ from their neighbours, and from those 256 further on. */
export function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8)) & 0xff);
}

/** Runs all cases through decoder and encoder. */
export function expectCodec<Frame>(
  framing: Framing<Frame>,
  cases: readonly CodecCase<Frame>[],
  options: { readonly maxFrameLength?: number } = {},
): void {
  verifyDecoder({
    createDecoder: () => framing.createDecoder(),
    cases,
    heldBytes: heldBytesOf,
    ...options,
  });
  for (const each of cases) {
    if (each.readOnly === true || !('frames' in each) || each.error !== undefined) continue;
    expect(encodeAll(framing, each.frames), each.name).toEqual(each.bytes);
  }
}

/** What the frames are on the wire, one behind the other. */
export function encodeAll<Frame>(framing: Framing<Frame>, frames: readonly Frame[]): Uint8Array {
  const encoder = framing.createEncoder();
  const buffer = new SendBuffer();
  for (const frame of frames) encoder.encode(frame, buffer);
  return buffer.bytes.slice(buffer.start, buffer.end);
}

/** Gives the encoder a frame that it has to refuse, and looks whether it left anything behind. */
export function refusal<Frame>(framing: Framing<Frame>, frame: Frame): LocalProtocolError {
  const buffer = new SendBuffer();
  buffer.append(raw('waits'));
  try {
    framing.createEncoder().encode(frame, buffer);
  } catch (error) {
    expect(buffer.bytes.slice(buffer.start, buffer.end)).toEqual(raw('waits'));
    if (error instanceof LocalProtocolError) return error;
    throw error;
  }
  throw new Error(
    `it was written as ${buffer.bytes.slice(buffer.start + 5, buffer.end).join(' ')}`,
  );
}

/** All that comes out of chunks and the end behind them. Errors that leave the framing intact do not stop it. */
export function outcomes<Frame>(
  decoder: Decoder<Frame>,
  chunks: Iterable<Uint8Array>,
): Outcome<Frame>[] {
  const buffer = new ReceiveBuffer();
  const found: Outcome<Frame>[] = [];
  let isLost = false;
  const attempt = (step: () => Frame | typeof NEED_DATA): boolean => {
    try {
      const frame = step();
      if (frame === NEED_DATA) return false;
      found.push({ frame });
    } catch (error) {
      if (!(error instanceof RemoteProtocolError)) throw error;
      const { code, framing, offset } = error;
      found.push({ code, framing, offset });
      isLost = framing === 'lost';
      if (found.length > MOST_RESULTS) throw new Error('results without end', { cause: error });
    }
    return !isLost;
  };
  const decodeAll = (): void => {
    while (attempt(() => decoder.decode(buffer)));
  };
  for (const chunk of chunks) {
    buffer.append(chunk);
    decodeAll();
    if (isLost) return found;
  }
  attempt(() => {
    decoder.end(buffer);
    return NEED_DATA;
  });
  if (!isLost) decodeAll();
  return found;
}

/** The frames that pieces make, each in one piece; an error stands in the place of its frame. */
export function joinPieces(pieces: readonly Outcome<Piece>[]): Outcome<Uint8Array>[] {
  const joined: Outcome<Uint8Array>[] = [];
  let parts: Uint8Array[] = [];
  for (const each of pieces) {
    if (!('frame' in each)) {
      parts = [];
      joined.push(each);
      continue;
    }
    const { bytes, first, last } = each.frame;
    expect(first, 'a piece is the first one if nothing of its frame came before').toBe(
      parts.length === 0,
    );
    parts.push(bytes);
    if (!last) continue;
    joined.push({ frame: raw(...parts) });
    parts = [];
  }
  return joined;
}

/** The bytes in chunks of these lengths, over and over; in one where there are none. */
export function* inChunks(bytes: Uint8Array, lengths: readonly number[]): Generator<Uint8Array> {
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? bytes.length;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

/** What a decoder of this package holds besides the buffer. */
export function heldBytesOf(decoder: Decoder<unknown>): number {
  return 'heldBytes' in decoder && typeof decoder.heldBytes === 'number' ? decoder.heldBytes : 0;
}
