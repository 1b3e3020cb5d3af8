/**
 * What Node has and browsers have not, used where it is there: the search for a byte of the C library, and memory that
 * was not filled with zeros.
 */

type IndexOf = (this: Uint8Array, byte: number, from: number) => number;

interface NodeBuffer {
  allocUnsafeSlow(length: number): Uint8Array;
  readonly prototype: { readonly indexOf: IndexOf };
}

// Only what is asked for here is asked of it, and only if it is there.
const { Buffer: nodeBuffer } = globalThis as { readonly Buffer?: NodeBuffer };

/** `Uint8Array.prototype.indexOf`, or what is many times as fast. Called with `call`. */
export const { indexOf }: { readonly indexOf: IndexOf } =
  nodeBuffer?.prototype ?? Uint8Array.prototype;

/**
 * Memory of `length` bytes for whoever writes over all of it at once: to fill 16 MiB with zeros takes longer than to
 * copy them.
 */
export function memoryToFill(length: number): Uint8Array {
  if (nodeBuffer === undefined) return new Uint8Array(length);
  const { buffer, byteOffset } = nodeBuffer.allocUnsafeSlow(length);
  return new Uint8Array(buffer, byteOffset, length);
}
