/**
 * UTF-8, UTF-16 and UTF-32, strictly.
 *
 * UTF-8 and UTF-16 are read by `TextDecoder` with `fatal`: it refuses overlong forms, lone surrogates and
 * odd lengths. Its habit of removing a byte order mark is switched off: in `utf-8` and in the encodings
 * that name their order a mark is left in the text, where the JSON reader refuses it. Plain `utf-16` and
 * `utf-32` are what the mark was made for: it is obeyed and removed, and where there is none the sender's
 * `byteorder` decides. Python takes its own machine's order there, which is the same thing seen from the
 * sender's side. They are written as Python writes them, with a mark.
 *
 * UTF-32 has no support in the platform, so it is done by hand.
 */
import type { Byteorder } from '../byteorder.ts';
import { CharacterError, type TextCodec } from './text-codec.ts';

const LARGEST_CODE_POINT = 0x10ffff;
const MARK = 0xfeff;

/** Built on first use: a platform without UTF-16 in its `TextDecoder` still has the others. */
const decoders = new Map<string, InstanceType<typeof TextDecoder>>();
const utf8Encoder = new TextEncoder();

/** UTF-8, by far the most frequent. */
export const utf8Codec: TextCodec = {
  decode: (bytes) => decodeWith('utf-8', bytes),
  encode: (text) => {
    checkWellFormed(text);
    return utf8Encoder.encode(text);
  },
};

/** UTF-16 or UTF-32, `width` bytes to a unit; in `order`, or as a mark or the sender says. */
export function wideCodec(width: 2 | 4, order?: Byteorder): TextCodec {
  const decode = width === 2 ? decodeUtf16 : decodeUtf32;
  const encode = width === 2 ? encodeUtf16 : encodeUtf32;
  if (order !== undefined) {
    return {
      decode: (bytes) => decode(bytes, order),
      encode: (text) => encode(text, order),
    };
  }
  return {
    decode: (bytes, byteorder) => {
      const marked = maybeOrderOfMark(bytes, width);
      return marked === undefined
        ? decode(bytes, byteorder)
        : decode(bytes.subarray(width), marked);
    },
    encode: (text, byteorder) => encode(`\ufeff${text}`, byteorder),
  };
}

function decodeWith(label: 'utf-8' | 'utf-16le' | 'utf-16be', bytes: Uint8Array): string {
  let decoder = decoders.get(label);
  if (decoder === undefined) {
    decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true });
    decoders.set(label, decoder);
  }
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new CharacterError(`it is not valid ${label}`, { cause });
  }
}

function decodeUtf16(bytes: Uint8Array, order: Byteorder): string {
  return decodeWith(order === 'little' ? 'utf-16le' : 'utf-16be', bytes);
}

function encodeUtf16(text: string, order: Byteorder): Uint8Array {
  checkWellFormed(text);
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < text.length; index++) {
    view.setUint16(index * 2, text.charCodeAt(index), order === 'little');
  }
  return bytes;
}

function decodeUtf32(bytes: Uint8Array, order: Byteorder): string {
  if (bytes.length % 4 !== 0) {
    throw new CharacterError(`it has ${bytes.length} bytes, which is no multiple of 4`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const point = view.getUint32(at, order === 'little');
    if (point > LARGEST_CODE_POINT || (point >= 0xd800 && point <= 0xdfff)) {
      throw new CharacterError(`0x${point.toString(16)} at ${at} is no character`);
    }
    text += String.fromCodePoint(point);
  }
  return text;
}

function encodeUtf32(text: string, order: Byteorder): Uint8Array {
  checkWellFormed(text);
  const points = Array.from(text, (character) => character.codePointAt(0) ?? 0);
  const bytes = new Uint8Array(points.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, point] of points.entries()) {
    view.setUint32(index * 4, point, order === 'little');
  }
  return bytes;
}

function maybeOrderOfMark(bytes: Uint8Array, width: 2 | 4): Byteorder | undefined {
  if (bytes.length < width) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const order of ['little', 'big'] as const) {
    const little = order === 'little';
    const unit = width === 2 ? view.getUint16(0, little) : view.getUint32(0, little);
    if (unit === MARK) return order;
  }
  return undefined;
}

/** Encoders replace a lone surrogate without a word; here it is an error. */
function checkWellFormed(text: string): void {
  const lone = /\p{Surrogate}/u.exec(text);
  if (lone !== null) throw new CharacterError(`it has a lone surrogate at ${lone.index}`);
}
