/**
 * The byte order of a machine. It changes nothing in the framing, which is network order throughout: it
 * tells the receiver how to read multi-byte numbers inside binary content, and UTF-16 or UTF-32 text that
 * comes without a mark.
 */

/** The sender's own byte order, as the `byteorder` header has it. */
export type Byteorder = 'little' | 'big';

/** The byte order of the machine that runs this. */
export const NATIVE_BYTEORDER: Byteorder =
  new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 'little' : 'big';
