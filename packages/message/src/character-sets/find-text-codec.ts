/**
 * Character encodings by name: the one place that turns the bytes of text into text and back.
 *
 * Two sources stand behind the names: UTF-8, UTF-16 and UTF-32 (`unicode-codecs.ts`), and the tables of
 * iconv-lite (`iconv-codec.ts`). All are strict in both directions. Codecs are made on first use and
 * kept: there are as many as names in the table, whatever peers may ask for.
 */
import type { Byteorder } from '../byteorder.ts';
import { iconvCodec } from './iconv-codec.ts';
import { findCharacterSetName, type CharacterSetName } from './names.ts';
import type { TextCodec } from './text-codec.ts';
import { utf8Codec, wideCodec } from './unicode-codecs.ts';

const codecs = new Map<CharacterSetName, TextCodec>();

/**
 * The codec for an encoding's name in any spelling that Python knows; undefined for any other name.
 *
 * @example
 * ```ts
 * const bytes = findTextCodec('ISO-8859-1')?.encode('h\u00e9', 'little'); // Uint8Array [0x68, 0xe9]
 * findTextCodec('base64'); // undefined: not a character encoding
 * ```
 */
export function findTextCodec(spelling: string): TextCodec | undefined {
  // The usual name needs no search.
  if (spelling === 'utf-8') return utf8Codec;
  const name = findCharacterSetName(spelling);
  if (name === undefined) return undefined;
  let codec = codecs.get(name);
  if (codec === undefined) {
    codec = createCodec(name);
    codecs.set(name, codec);
  }
  return codec;
}

function createCodec(name: CharacterSetName): TextCodec {
  switch (name) {
    case 'utf_8':
      return utf8Codec;
    case 'utf_16':
      return wideCodec(2);
    case 'utf_32':
      return wideCodec(4);
    case 'utf_16_le':
    case 'utf_16_be':
    case 'utf_32_le':
    case 'utf_32_be':
      return wideCodec(name.startsWith('utf_16') ? 2 : 4, orderInName(name));
    default:
      return iconvCodec(name);
  }
}

function orderInName(name: CharacterSetName): Byteorder {
  return name.endsWith('_le') ? 'little' : 'big';
}
