/**
 * MessageFraming: a framing whose messages are bytes, whatever its frames are in a program. What is printed is what came
 * between the marks of the framing, and what is sent is what stands there.
 *
 * | frames                   | a message is                                               |
 * | ------------------------ | ---------------------------------------------------------- |
 * | bytes                    | those                                                      |
 * | text                     | its UTF-8; what comes is not looked at                     |
 * | made of several parts    | all of the frame, as it is on the wire                     |
 */
import {
  decodeFrames,
  encodeFrame,
  NEED_DATA,
  type ComposableFraming,
  type Decoder,
  type Framing,
  type Piece,
} from '@wireline/framing';
import { count } from '../terminal/plain-text.ts';

/** Takes messages out of a buffer; of one that is whole the one piece is all. */
export type MessageDecoder = Decoder<Piece>;

/** Cuts messages out of a stream, and makes frames of them. */
export interface MessageFraming {
  /** A decoder for one stream: of messages in pieces as they come where that is possible, or of whole ones. */
  createDecoder(options: { readonly inPieces: boolean }): MessageDecoder;
  /**
   * The bytes of a frame.
   *
   * @throws LocalProtocolError, or another Error that says so, when there is no such frame.
   */
  encode(message: Uint8Array): Uint8Array;
}

/** Messages of a framing of bytes. */
export function ofBytes(framing: ComposableFraming<Uint8Array>): MessageFraming {
  return { ...inPieces(framing), encode: (message) => encodeFrame(framing, message) };
}

/** The same where a frame can only be read as a whole: with padding to be removed, or one that says what follows. */
export function ofWholeBytes(framing: Framing<Uint8Array>): MessageFraming {
  return {
    createDecoder() {
      const decoder = framing.createDecoder();
      return {
        decode(buffer) {
          const bytes = decoder.decode(buffer);
          return bytes === NEED_DATA ? NEED_DATA : { bytes, first: true, last: true };
        },
        end: (buffer) => decoder.end(buffer),
      };
    },
    encode: (message) => encodeFrame(framing, message),
  };
}

/** Messages of a framing of text. */
export function ofText(framing: ComposableFraming<string>): MessageFraming {
  return {
    ...inPieces(framing),
    encode: (message) => encodeFrame(framing, textOf(message)),
  };
}

/** Messages of a framing of anything: as they are on the wire. */
export function asOnWire(framing: ComposableFraming<unknown>): MessageFraming {
  return {
    ...inPieces(framing),
    encode(message) {
      const frames = decodeFrames(framing, message);
      if (frames.length === 1) return message;
      throw new Error(
        `${count(frames.length, 'frame')}: expected one, whole, as it is on the wire`,
      );
    },
  };
}

function inPieces(framing: ComposableFraming<unknown>): Pick<MessageFraming, 'createDecoder'> {
  return {
    createDecoder(options) {
      const decoder = framing.createPieceDecoder();
      return options.inPieces ? decoder : joined(decoder);
    },
  };
}

/** Holds the pieces of a message until it is whole. */
function joined(decoder: MessageDecoder): MessageDecoder {
  let pieces: Uint8Array[] = [];
  return {
    decode(buffer) {
      for (
        let piece = decoder.decode(buffer);
        piece !== NEED_DATA;
        piece = decoder.decode(buffer)
      ) {
        pieces.push(piece.bytes);
        if (!piece.last) continue;
        const bytes = Buffer.concat(pieces);
        pieces = [];
        return { bytes, first: true, last: true };
      }
      return NEED_DATA;
    },
    end: (buffer) => decoder.end(buffer),
  };
}

function textOf(message: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(message);
  } catch (error) {
    throw new Error('the message is no UTF-8', { cause: error });
  }
}
