/** TextCodec: what every character encoding supplies, and the error of those that cannot go on. */
import type { Byteorder } from '../byteorder.ts';

/** Turns bytes into text and back, strictly: nothing is ever replaced by a question mark. */
export interface TextCodec {
  /**
   * Reads all of `bytes`. `byteorder` is the sender's, for the encodings that leave it open.
   *
   * @throws CharacterError when they are not valid in this encoding.
   */
  decode(bytes: Uint8Array, byteorder: Byteorder): string;

  /**
   * Writes all of `text`.
   *
   * @throws CharacterError when this encoding cannot express a character.
   */
  encode(text: string, byteorder: Byteorder): Uint8Array;
}

/** Some bytes are no character, or some character has no bytes. The message is a clause: "it ...". */
export class CharacterError extends Error {
  override readonly name = 'CharacterError';
}
