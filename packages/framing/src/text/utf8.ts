/**
 * UTF-8 written in place: how long a text will be, and its bytes at a given position.
 *
 * Texts must be well-formed: a lone surrogate, which has no UTF-8, is the caller's business.
 */

import { forgetLastMatch } from './last-match.ts';

/** Up to here a loop was ahead of the call into the platform, tried on Node 20. */
const SHORT_TEXT = 40;

/** Asked by a pattern, which was ahead of a loop over the characters on Node 20. */
const NOT_ASCII = /[^\0-\x7f]/;

const encoder = new TextEncoder();

/** How many bytes a well-formed text takes in UTF-8. */
export function utf8Length(text: string): number {
  if (!NOT_ASCII.test(text)) return text.length;
  forgetLastMatch();
  let length = text.length;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x80) continue;
    // A surrogate is half of a pair that takes four bytes.
    length += code < 0x800 || (code >= 0xd800 && code <= 0xdfff) ? 1 : 2;
  }
  return length;
}

/** Writes a text whose {@link utf8Length} is `length` to `target[at..at + length)`. */
export function writeUtf8(text: string, length: number, target: Uint8Array, at: number): void {
  if (length === text.length && length <= SHORT_TEXT) {
    for (let index = 0; index < length; index++) target[at + index] = text.charCodeAt(index);
  } else {
    encoder.encodeInto(text, target.subarray(at, at + length));
  }
}
