/**
 * What a kind of option value is: how it looks in C and in TypeScript, and the way between the two.
 *
 * A kind knows nothing of particular options. It answers `undefined` to what it does not hold; which
 * option that was about, and what to say, is known to `option-codec.ts`.
 */

/** One kind of option value. */
export interface ValueKind<Value> {
  /** How the value looks in C: `int`, `struct linger`. */
  readonly c: string;
  /** How it looks in TypeScript, as the reference shows it. */
  readonly typescript: string;
  /** What `typeof` says of the values, but for `null`. */
  readonly type: 'boolean' | 'number' | 'bigint' | 'string' | 'object';
  /** What is expected, for an error message: `true or false`. */
  readonly expected: string;
  /** The most bytes that the kernel gives. */
  readonly room: number;
  /** The fewest bytes that can be decoded. */
  readonly least: number;
  /** The bytes for `setsockopt`; `undefined` when `value` is none of this kind. */
  encode(value: unknown): Uint8Array | undefined;
  /** The value in the bytes of `getsockopt`, at least `least` of them; `undefined` when it is unknown here. */
  decode(bytes: Uint8Array): Value | undefined;
}

/** The type of the values of a kind. */
export type ValueOf<Kind> = Kind extends ValueKind<infer Value> ? Value : never;

/** A view of `bytes`, wherever they begin in their buffer. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** `size` bytes that `fill` writes into. */
export function filled(
  size: number,
  fill: (view: DataView, bytes: Uint8Array) => void,
): Uint8Array {
  const bytes = new Uint8Array(size);
  fill(viewOf(bytes), bytes);
  return bytes;
}
