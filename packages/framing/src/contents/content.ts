/**
 * Content: what the bytes within a frame stand for. The other half of a framed protocol, as small as can be.
 *
 * A content is read in place, straight from the receive buffer, where nothing of the result is made of the bytes
 * themselves. It holds nothing of any stream, so that one serves all.
 */

/**
 * Reads and writes what is in a frame.
 *
 * @example
 * ```ts
 * // Temperatures, as two bytes in tenths of a degree.
 * const temperature: Content<number> = {
 *   keepsBytes: false,
 *   read: (bytes, start) => new DataView(bytes.buffer, bytes.byteOffset).getInt16(start) / 10,
 *   lengthOf: () => 2,
 *   write: (degrees, target, at) =>
 *     new DataView(target.buffer, target.byteOffset).setInt16(at, degrees * 10),
 * };
 * const framing = fixedLength(2, { content: temperature });
 * ```
 */
export interface Content<Value> {
  /** Whether what `read` returns is made of the bytes themselves, so that memory of its own may serve many frames. */
  readonly keepsBytes: boolean;

  /**
   * What `bytes[start..end)` say.
   *
   * @param owned whether the result may keep `bytes`; if not, it has to copy what it keeps
   * @throws FrameFault with `framing: 'intact'` when they say nothing
   */
  read(bytes: Uint8Array, start: number, end: number, owned: boolean): Value;

  /**
   * How many bytes `value` takes.
   *
   * @throws LocalProtocolError when it cannot be written.
   */
  lengthOf(value: Value): number;

  /** Writes a value whose {@link lengthOf} is `length` to `target[at..at + length)`. */
  write(value: Value, target: Uint8Array, at: number, length: number): void;
}
