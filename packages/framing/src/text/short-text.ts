/**
 * Short ASCII text from bytes: `String.fromCharCode` with the right number of arguments, which takes a
 * quarter of the time of a call into the platform's decoder.
 */

/** Sixteen: most words are shorter, and at the double the platform's decoder is as fast. */
export const MAX_SHORT_TEXT = 16;

/** The text of `bytes[at..at + length)`, which are ASCII and at most {@link MAX_SHORT_TEXT}. */
export function shortText(bytes: Uint8Array, at: number, length: number): string {
  const a = bytes[at] ?? 0;
  const b = bytes[at + 1] ?? 0;
  const c = bytes[at + 2] ?? 0;
  const d = bytes[at + 3] ?? 0;
  const e = bytes[at + 4] ?? 0;
  const f = bytes[at + 5] ?? 0;
  const g = bytes[at + 6] ?? 0;
  const h = bytes[at + 7] ?? 0;
  switch (length) {
    case 0:
      return '';
    case 1:
      return String.fromCharCode(a);
    case 2:
      return String.fromCharCode(a, b);
    case 3:
      return String.fromCharCode(a, b, c);
    case 4:
      return String.fromCharCode(a, b, c, d);
    case 5:
      return String.fromCharCode(a, b, c, d, e);
    case 6:
      return String.fromCharCode(a, b, c, d, e, f);
    case 7:
      return String.fromCharCode(a, b, c, d, e, f, g);
    case 8:
      return String.fromCharCode(a, b, c, d, e, f, g, h);
    default:
  }
  const i = bytes[at + 8] ?? 0;
  const j = bytes[at + 9] ?? 0;
  const k = bytes[at + 10] ?? 0;
  const l = bytes[at + 11] ?? 0;
  const m = bytes[at + 12] ?? 0;
  const n = bytes[at + 13] ?? 0;
  const o = bytes[at + 14] ?? 0;
  const p = bytes[at + 15] ?? 0;
  switch (length) {
    case 9:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i);
    case 10:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j);
    case 11:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k);
    case 12:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l);
    case 13:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m);
    case 14:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
    case 15:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
    default:
      return String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
  }
}
