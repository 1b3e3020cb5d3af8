/**
 * What stands between one value and its bytes.
 *
 * A codec knows nothing of formats and positions. It answers `false` to a value that it does not hold; which
 * value that was, and what to say, is known to `struct.ts`. Codecs are made once for each field of a compiled
 * format, with the byte order inside, so that nothing is decided again for each value.
 */

/** A value that comes out of bytes. */
export type StructValue = number | bigint | boolean | Uint8Array;

/** Reads and writes values of one kind, of a fixed size. */
export interface FieldCodec {
  /** What is expected, for an error message: `an integer from 0 to 255`. */
  readonly expected: string;
  /** The value whose bytes begin at `at`. */
  read(view: DataView, at: number): StructValue;
  /** Writes the bytes, which are all 0 before; false, with nothing written, when `value` is none of this kind. */
  write(view: DataView, at: number, value: unknown): boolean;
}

/** What a format says about a field. */
export interface FieldShape {
  readonly littleEndian: boolean;
  /** How many bytes it takes. */
  readonly length: number;
}

/** Makes the codec of a field. */
export type MakeCodec = (shape: FieldShape) => FieldCodec;
