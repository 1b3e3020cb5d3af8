/**
 * ASCII and ISO-8859-1: the encodings in which a byte is its own code point.
 *
 * `latin-1` is the real one, with control characters at 0x80..0x9f. Browsers take that name to mean
 * windows-1252; Python does not.
 */
import { CharacterError, type TextCodec } from './text-codec.ts';

/** `String.fromCharCode` takes its characters as arguments; so many fit on any stack. */
const CHUNK_LENGTH = 8192;

/** A codec for the code points below `end`. */
export function identityCodec(name: string, end: 0x80 | 0x100): TextCodec {
  return {
    decode: (bytes) => {
      const bad = end === 0x100 ? -1 : bytes.findIndex((byte) => byte >= end);
      if (bad !== -1) throw new CharacterError(`byte ${bad} is above 0x7f, which is no ${name}`);
      let text = '';
      for (let at = 0; at < bytes.length; at += CHUNK_LENGTH) {
        text += String.fromCharCode(...bytes.subarray(at, at + CHUNK_LENGTH));
      }
      return text;
    },
    encode: (text) => {
      const bytes = new Uint8Array(text.length);
      for (let at = 0; at < text.length; at++) {
        const code = text.charCodeAt(at);
        if (code >= end) {
          throw new CharacterError(`the character at ${at} does not exist in ${name}`);
        }
        bytes[at] = code;
      }
      return bytes;
    },
  };
}
