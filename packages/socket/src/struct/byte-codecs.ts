/**
 * Bytes as they are: one, a fixed number of them, a Pascal string; and the byte that is a boolean.
 *
 * What is read is a copy, which stays when the buffer is used again. Text is refused: which bytes it has is
 * for `TextEncoder` to say.
 */
import type { FieldCodec, MakeCodec } from './field-codec.ts';

/** The way out for whoever has text. */
const BYTES_OF_TEXT = 'new TextEncoder().encode(text) for text';

const TRUTH_TYPES: ReadonlySet<string> = new Set(['boolean', 'number', 'bigint']);

/** A boolean. Any byte but 0 is true. Numbers are taken as C takes them: 0 is false, NaN is true. */
export const BOOLEAN: MakeCodec = (): FieldCodec => ({
  expected: 'true or false',
  read: (view, at) => view.getUint8(at) !== 0,
  write(view, at, value) {
    if (!TRUTH_TYPES.has(typeof value)) return false;
    view.setUint8(at, Number(value) === 0 ? 0 : 1);
    return true;
  },
});

/** Exactly one byte. */
export const BYTE: MakeCodec = (): FieldCodec => ({
  expected: `a Uint8Array of 1 byte, ${BYTES_OF_TEXT}`,
  read: (view, at) => bytesOf(view, at, 1).slice(),
  write(view, at, value) {
    if (!isBytes(value) || value.length !== 1) return false;
    bytesOf(view, at, 1).set(value);
    return true;
  },
});

/** Bytes up to the length of the field: what is longer is cut, what is shorter is filled up with 0. */
export const FIXED_BYTES: MakeCodec = ({ length }): FieldCodec => ({
  expected: `a Uint8Array, ${BYTES_OF_TEXT}`,
  read: (view, at) => bytesOf(view, at, length).slice(),
  write(view, at, value) {
    if (!isBytes(value)) return false;
    bytesOf(view, at, length).set(value.subarray(0, length));
    return true;
  },
});

/** The most that the first byte of a Pascal string can tell. */
const LONGEST_PASCAL = 255;

/**
 * Bytes behind a first byte that says how many of them count.
 *
 * ```text
 * '6p' of 'abc':  03 61 62 63 00 00
 * ```
 *
 * In a field of more than 256 bytes those after the 255th are written, as Python writes them, but no reader sees
 * them. A field of no bytes holds nothing, not even its length.
 */
export const PASCAL_BYTES: MakeCodec = ({ length }): FieldCodec => ({
  expected: `a Uint8Array, ${BYTES_OF_TEXT}`,
  read(view, at) {
    const told = length === 0 ? 0 : view.getUint8(at);
    return bytesOf(view, at, length).slice(1, 1 + told);
  },
  write(view, at, value) {
    if (!isBytes(value)) return false;
    if (length === 0) return true;
    const kept = value.subarray(0, length - 1);
    view.setUint8(at, Math.min(kept.length, LONGEST_PASCAL));
    bytesOf(view, at + 1, length - 1).set(kept);
    return true;
  },
});

/** By what it does rather than by its class, of which each realm has its own. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && 'BYTES_PER_ELEMENT' in value && value.BYTES_PER_ELEMENT === 1;
}

/** The bytes themselves: a plain Uint8Array, whose `slice` copies, where that of a `Buffer` does not. */
function bytesOf(view: DataView, at: number, length: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + at, length);
}
