/**
 * The codec of every encoding that is neither UTF-8 nor UTF-16 nor UTF-32: the tables of iconv-lite, made strict.
 *
 * iconv-lite replaces what it cannot read by U+FFFD and what it cannot write by a question mark. So a text
 * with U+FFFD in it is refused (of these encodings only GB 18030 has that character: there the text must
 * give the same bytes again), and what was written is read again and compared.
 *
 * The tables are those of browsers. For the East Asian encodings and cp1255 they hold more than Python's
 * codecs of the same name. Letters and ideographs agree, except: the signs for cent, pound and not in
 * Shift_JIS and EUC-JP, the middle dot in GB 2312, kana and Cyrillic in Big5 and cp950 (an extension), and
 * Hangul outside KS X 1001 in EUC-KR, which Python spells out in eight bytes.
 */
import iconv from 'iconv-lite';
import { CharacterError, type TextCodec } from './text-codec.ts';

const REPLACEMENT = '\ufffd';

/** A byte order mark is a character like any other here; whoever reads the text decides about it. */
const KEEP_MARK = { stripBOM: false };

/** Makes a codec of the table that iconv-lite has under `name`. */
export function iconvCodec(name: string): TextCodec {
  const hasReplacement = name === 'gb18030';
  return {
    decode: (bytes) => {
      const text = iconv.decode(bytes, name, KEEP_MARK);
      if (
        text.includes(REPLACEMENT) &&
        !(hasReplacement && equals(iconv.encode(text, name), bytes))
      ) {
        throw new CharacterError(`it is not valid ${name}`);
      }
      return text;
    },
    encode: (text) => {
      const bytes = iconv.encode(text, name);
      const lost = text.includes(REPLACEMENT) && !hasReplacement;
      if (lost || iconv.decode(bytes, name, KEEP_MARK) !== text) {
        throw new CharacterError(`it has a character that does not exist in ${name}`);
      }
      return Uint8Array.from(bytes);
    },
  };
}

function equals(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
